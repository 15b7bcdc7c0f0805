#ifndef TARE_TENSOR_QUANTIZE_H_
#define TARE_TENSOR_QUANTIZE_H_

#include <cstddef>

#include "tensor/dtype.h"

namespace tare {

// Whether Tare writes the type; it reads every type of weights.
bool CanQuantize(DType type);

// Narrows a row of f32 to a stored type, rounding as ggml's reference quantisers do; Q6_K loses
// less than they do.
//   type  one that CanQuantize.
//   src   [n], finite. A value that is not is stored as some value of the type.
//   n     a multiple of BlockElements(type).
//   dst   n elements of `type`, no alignment needed.
//   Errors  none: a wrong type or n is a bug of the caller.
//   Source  the formulas beside the encoders (quantize.cc).
void QuantizeRow(DType type, const float* src, size_t n, std::byte* dst);

}  // namespace tare

#endif  // TARE_TENSOR_QUANTIZE_H_
