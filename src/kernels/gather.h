#ifndef TARE_KERNELS_GATHER_H_
#define TARE_KERNELS_GATHER_H_

#include <cstddef>
#include <cstdint>

#include "tensor/dtype.h"

namespace tare {

// out[t] = scale * table[ids[t]], widened to f32.
//   table  [V, C] of any type but I32, contiguous, at any alignment; C is a multiple of
//          BlockElements(type).
//   ids    [T], each in [0, V).
//   out    [T, C] f32, rows out_stride elements apart.
struct GatherArgs {
  DType type = DType::kF32;
  const std::byte* table = nullptr;
  size_t cols = 0;
  const int32_t* ids = nullptr;
  size_t t = 0;
  float* out = nullptr;
  size_t out_stride = 0;
  float scale = 1.0f;
};

// The plain definition, over DequantizeRow.
void GatherReference(const GatherArgs& args) noexcept;

}  // namespace tare

#endif  // TARE_KERNELS_GATHER_H_
