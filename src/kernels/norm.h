#ifndef TARE_KERNELS_NORM_H_
#define TARE_KERNELS_NORM_H_

#include <cstddef>

namespace tare {

// Divides each row by its root mean square, then scales it: out = x / sqrt(mean(x²) + epsilon) *
// (gamma_offset + gamma).
//   x, out  [rows, cols] f32, row-major; out may equal x.
//   gamma   [cols] f32.   epsilon >= 0.
//   Source  Zhang and Sennrich 2019.
struct RmsNormArgs {
  const float* x = nullptr;
  const float* gamma = nullptr;
  float* out = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  float epsilon = 0.0f;
  float gamma_offset = 0.0f;  // 1 if gamma is stored as its distance from 1
};

// Normalises each row to mean 0 and variance 1, then scales and shifts it.
//   x, out       [rows, cols] f32, row-major; out may equal x.
//   gamma, beta  [cols] f32.   epsilon >= 0, added to the variance (of the population, in two
//                passes: no cancellation).
//   Source       Ba et al. 2016; same as keras.layers.LayerNormalization.
struct LayerNormArgs {
  const float* x = nullptr;
  const float* gamma = nullptr;
  const float* beta = nullptr;
  float* out = nullptr;
  size_t rows = 0;
  size_t cols = 0;
  float epsilon = 0.0f;
};

// The plain definitions, in double.
void RmsNormReference(const RmsNormArgs& args) noexcept;
void LayerNormReference(const LayerNormArgs& args) noexcept;

}  // namespace tare

#endif  // TARE_KERNELS_NORM_H_
