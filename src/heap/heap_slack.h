#ifndef TARE_HEAP_HEAP_SLACK_H_
#define TARE_HEAP_HEAP_SLACK_H_

#include <cstdint>

namespace tare {

// Gives the memory that the C library's malloc keeps free back to the kernel. Returns by how many
// bytes the process's own pages shrank; other threads may change this number.
uint64_t ReturnHeapSlack();

// From now on malloc maps blocks of 1 MiB and more separately and unmaps them when they are freed.
// For a plugin that packs weights, which frees and allocates much memory.
void KeepNoHeapSlack();

// From now on malloc keeps freed memory as the C library does by default after large blocks were
// freed, so that inferences need not map their memory again.
void KeepHeapSlack();

}  // namespace tare

#endif  // TARE_HEAP_HEAP_SLACK_H_
