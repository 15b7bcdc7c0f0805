#ifndef TARE_KERNELS_POINTWISE_H_
#define TARE_KERNELS_POINTWISE_H_

#include <cstddef>
#include <cstdint>

namespace tare {

enum class UnaryOp : uint8_t {
  kScale,     // x * factor
  kSilu,      // x * sigmoid(x)
  kGeluTanh,  // x/2 * (1 + tanh(sqrt(2/π) (x + 0.044715 x³)))
  kGeluErf,   // x/2 * (1 + erf(x / sqrt(2)))
  kExp,
  kTanh,
  kSoftCap,  // factor * tanh(x / factor)
};

enum class BinaryOp : uint8_t { kAdd, kMul, kDiv };

// out[i] = op(x[i]).
//   x, out  [n] f32; out may equal x.   factor: only for kScale and kSoftCap.
struct UnaryArgs {
  UnaryOp op = UnaryOp::kScale;
  const float* x = nullptr;
  float* out = nullptr;
  size_t n = 0;
  float factor = 1.0f;
};

// out[i] = op(a[i], b[i % period]).
//   a, out  [n] f32; out may equal a, or b if period is n.
//   b       [period] f32: period n for operands of one type, C for a vector along a's last axis,
//           1 for a scalar. n is a multiple of period; period >= 1.
struct BinaryArgs {
  BinaryOp op = BinaryOp::kAdd;
  const float* a = nullptr;
  const float* b = nullptr;
  float* out = nullptr;
  size_t n = 0;
  size_t period = 1;
};

// The plain definitions, in double.
void UnaryReference(const UnaryArgs& args) noexcept;
void BinaryReference(const BinaryArgs& args) noexcept;

}  // namespace tare

#endif  // TARE_KERNELS_POINTWISE_H_
