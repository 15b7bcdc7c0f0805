#ifndef TARE_BENCH_WATCH_BANDWIDTH_H_
#define TARE_BENCH_WATCH_BANDWIDTH_H_

#include <cstddef>
#include <cstdint>

#include "base/error.h"

namespace tare {

inline constexpr uint64_t kSessionReadBytes = uint64_t{512} << 20;
// Before and after each run, where it must take a fraction of a second: 128 MiB, or four times the
// last cache's bytes where that is more, up to the session's.
uint64_t RunReadBytes();

// Bytes a second that `threads` threads read from memory together: the best of eight passes over a
// buffer of `wanted_bytes`, or a quarter of `available_bytes` if that is less. Runs in a child
// process, so that the buffer is never ours. Errors: Io (no child), OutOfMemory (no room for 16
// MiB).
Result<uint64_t> MeasureReadBandwidth(size_t threads, uint64_t available_bytes,
                                      uint64_t wanted_bytes);

}  // namespace tare

#endif  // TARE_BENCH_WATCH_BANDWIDTH_H_
