#ifndef TARE_BENCH_BANDWIDTH_H_
#define TARE_BENCH_BANDWIDTH_H_

#include <cstddef>
#include <cstdint>

#include "base/error.h"

namespace tare {

// Bytes a second that `threads` threads read from memory together: the best of several passes over
// a buffer of 512 MiB, or a quarter of `available_bytes` if that is less. Runs in a child process,
// so that the buffer is never ours. Errors: Io (no child), OutOfMemory (no room for 16 MiB).
Result<uint64_t> MeasureReadBandwidth(size_t threads, uint64_t available_bytes);

}  // namespace tare

#endif  // TARE_BENCH_BANDWIDTH_H_
