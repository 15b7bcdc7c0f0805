#ifndef TARE_BENCH_WATCH_BANDWIDTH_H_
#define TARE_BENCH_WATCH_BANDWIDTH_H_

#include <cstddef>
#include <cstdint>

#include "base/error.h"

namespace tare {

inline constexpr uint64_t kSessionReadBytes = uint64_t{512} << 20;
// Buffer size for the measurement before and after each run, which must take only a fraction of a
// second: 128 MiB, or four times the last-level cache if that is larger, up to kSessionReadBytes.
uint64_t RunReadBytes();

// Measures the bytes per second that `threads` threads together read from memory: the best of eight
// passes over a buffer of `wanted_bytes`, or of a quarter of `available_bytes` if that is less.
// Runs in a child process, so that this process never holds the buffer.
//   Errors  Io (no child process, or no result from it); OutOfMemory (no room for 16 MiB).
Result<uint64_t> MeasureReadBandwidth(size_t threads, uint64_t available_bytes,
                                      uint64_t wanted_bytes);

}  // namespace tare

#endif  // TARE_BENCH_WATCH_BANDWIDTH_H_
