// The loops behind machine_limits.h. Included once by each kernels_<isa>.cc.

#include <cstddef>

#include "kernels/machine_limits.h"

namespace tare::TARE_SIMD_NAMESPACE {

inline float ReadAll(const std::byte* data, size_t bytes) noexcept {
  constexpr size_t kVectors = 8;
  F32 sum[kVectors];
  for (F32& s : sum) s = Zero();
  size_t i = 0;
  for (; i + kVectors * sizeof(F32) <= bytes; i += kVectors * sizeof(F32)) {
    TARE_UNROLL
    for (size_t v = 0; v < kVectors; ++v) {
      Prefetch(data + i + v * sizeof(F32) + 4096);
      sum[v] = sum[v] + LoadF32(data + i + v * sizeof(F32));
    }
  }
  for (size_t v = 1; v < kVectors; ++v) sum[0] = sum[0] + sum[v];
  return Sum(sum[0]);
}

inline constexpr size_t kPeakChains = 12;

inline float MultiplyAdds(size_t rounds) noexcept {
  F32 sum[kPeakChains];
  for (size_t i = 0; i < kPeakChains; ++i) sum[i] = Set(static_cast<float>(i));
  const F32 factor = Set(0.5f);
  const F32 addend = Set(0.25f);
  for (size_t round = 0; round < rounds; ++round) {
    TARE_UNROLL
    for (size_t i = 0; i < kPeakChains; ++i) sum[i] = MulAdd(sum[i], factor, addend);
  }
  for (size_t i = 1; i < kPeakChains; ++i) sum[0] = sum[0] + sum[i];
  return Sum(sum[0]);
}

constexpr MachineLimits MakeLimits() { return {ReadAll, MultiplyAdds, kPeakChains * kLanes}; }

}  // namespace tare::TARE_SIMD_NAMESPACE
