#ifndef TARE_TENSOR_DEQUANTIZE_H_
#define TARE_TENSOR_DEQUANTIZE_H_

#include <cstddef>

#include "tensor/dtype.h"

namespace tare {

// Widens a row of stored elements to f32. The plain reference for every kernel.
//   type  any type of weights, so not i32.
//   src   n elements of `type`, little-endian, no alignment needed.
//   n     a multiple of BlockElements(type).
//   dst   [n].
//   Errors  none: a wrong type or n is a bug in the caller.
//   Source  the block layouts of GGUF (docs/formats.md).
void DequantizeRow(DType type, const std::byte* src, size_t n, float* dst);

}  // namespace tare

#endif  // TARE_TENSOR_DEQUANTIZE_H_
