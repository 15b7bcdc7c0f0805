#ifndef TARE_OS_CLOCK_H_
#define TARE_OS_CLOCK_H_

#include <cstdint>

namespace tare {

// CLOCK_MONOTONIC in ns; Python's time.monotonic_ns() reads the same clock.
uint64_t MonotonicNs();

}  // namespace tare

#endif  // TARE_OS_CLOCK_H_
