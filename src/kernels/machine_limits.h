#ifndef TARE_KERNELS_MACHINE_LIMITS_H_
#define TARE_KERNELS_MACHINE_LIMITS_H_

#include <cstddef>

namespace tare {

// Loops that do nothing but reach a limit of the machine, for kernels to be measured against. The
// caller runs them on every thread and takes the time; the result is to be kept alive, no more.
struct MachineLimits {
  // Reads every byte once.
  float (*read_all)(const std::byte* data, size_t bytes) noexcept = nullptr;
  // Fused multiply-adds from registers: `rounds` times multiply_adds_per_round of them.
  float (*multiply_adds)(size_t rounds) noexcept = nullptr;
  size_t multiply_adds_per_round = 0;
};

}  // namespace tare

#endif  // TARE_KERNELS_MACHINE_LIMITS_H_
