#ifndef TARE_TENSOR_QUANTIZE_H_
#define TARE_TENSOR_QUANTIZE_H_

#include <cstddef>

#include "tensor/dtype.h"

namespace tare {

// Whether Tare can write the type. It can read every type of weights.
bool CanQuantize(DType type);

// Converts a row of f32 to a stored type. Rounds as ggml's reference quantisers do; Q6_K loses less
// than theirs.
//   type  CanQuantize(type).
//   src   [n], finite. A value that is not finite becomes an arbitrary value.
//   n     a multiple of BlockElements(type).
//   dst   n elements of `type`, no alignment needed.
//   Errors  none: a wrong type or n is a bug in the caller.
//   Source  the formulas beside the encoders (quantize.cc).
void QuantizeRow(DType type, const float* src, size_t n, std::byte* dst);

}  // namespace tare

#endif  // TARE_TENSOR_QUANTIZE_H_
