#ifndef TARE_KERNELS_MATMUL_H_
#define TARE_KERNELS_MATMUL_H_

#include <cstddef>
#include <cstdint>
#include <span>

#include "tensor/dtype.h"
#include "tensor/layout.h"

namespace tare {

// An operation on y after the product.
enum class TailKind : uint8_t {
  kBias,      // y += operand [N]
  kGeluTanh,  // y = gelu(y), tanh form
  kSilu,      // y = y * sigmoid(y)
  kMul,       // y *= operand [T, N]
  kAdd,       // y += operand [T, N]
};

struct MatMulTail {
  TailKind kind = TailKind::kBias;
  const float* operand = nullptr;  // must not overlap y
  size_t stride = 0;               // from row to row of operand, in elements; kMul and kAdd
};

// y = x · weight (transposed for kOutIn), then the tails in order. Computed from the stored weights
// in f32, or in integers that are as exact (level_dot_avx2-inl.h).
//   x       [T, K] f32, rows x_stride elements apart.
//   weight  [N, K] or [K, N] by layout, contiguous, at any alignment. K is a multiple of
//           BlockElements(weight_type); not I32.
//   y       [T, N] f32, rows y_stride elements apart; must not overlap x or an operand.
// The order of each sum y[t, n] depends only on K, T and the instruction set, never on the number
// of threads.
struct MatMulArgs {
  const float* x = nullptr;
  size_t x_stride = 0;
  DType weight_type = DType::kF32;
  WeightLayout layout = WeightLayout::kOutIn;
  const std::byte* weight = nullptr;
  size_t n = 0;
  size_t k = 0;
  float* y = nullptr;
  size_t y_stride = 0;
  size_t t = 0;
  std::span<const MatMulTail> tails;
};

// The plain definition: sums in double, rounds once, then the tails.
void MatMulReference(const MatMulArgs& args) noexcept;

}  // namespace tare

#endif  // TARE_KERNELS_MATMUL_H_
