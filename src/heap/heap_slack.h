#ifndef TARE_HEAP_HEAP_SLACK_H_
#define TARE_HEAP_HEAP_SLACK_H_

#include <cstdint>

namespace tare {

// Gives what the C library's malloc keeps free back to the kernel. Returns by how many bytes the
// process's own pages became fewer; other threads may move that figure.
uint64_t ReturnHeapSlack();

// From here on memory of 1 MiB and more is mapped apart, and goes back when it is freed: a plugin
// that packs weights frees much and allocates much.
void KeepNoHeapSlack();

// From here on malloc keeps what the C library would by itself after large blocks were freed, so
// that no inference pays for mapping its memory anew.
void KeepHeapSlack();

}  // namespace tare

#endif  // TARE_HEAP_HEAP_SLACK_H_
