#ifndef TARE_KERNELS_MACHINE_LIMITS_H_
#define TARE_KERNELS_MACHINE_LIMITS_H_

#include <cstddef>

namespace tare {

// Loops that only reach a limit of the machine, as a yardstick for kernels. The caller runs them on
// every thread and measures the time. Use the result, so that the compiler keeps the loop.
struct MachineLimits {
  // Reads every byte once.
  float (*read_all)(const std::byte* data, size_t bytes) noexcept = nullptr;
  // Fused multiply-adds in registers: `rounds` × multiply_adds_per_round.
  float (*multiply_adds)(size_t rounds) noexcept = nullptr;
  size_t multiply_adds_per_round = 0;
};

}  // namespace tare

#endif  // TARE_KERNELS_MACHINE_LIMITS_H_
