#ifndef TARE_TENSOR_QUANTIZE_H_
#define TARE_TENSOR_QUANTIZE_H_

#include <cstddef>

#include "tensor/dtype.h"

namespace tare {

// Narrows a row of f32 to a stored type, rounding as ggml's reference quantisers do.
//   type  any but i32.
//   src   [n], finite. A value that is not is stored as some value of the type.
//   n     a multiple of BlockElements(type).
//   dst   n elements of `type`, no alignment needed.
//   Errors  none: a wrong type or n is a bug of the caller.
//   Source  Q8_0: d = max |x| / 127, q = round(x / d). Q4_0: d = x* / -8, where x* has the largest
//           magnitude, q = floor(x / d + 8.5) up to 15. Q4_1: m = min x, d = (max x - m) / 15,
//           q = floor((x - m) / d + 0.5) up to 15. d and m are stored as f16, q uses the exact d.
void QuantizeRow(DType type, const float* src, size_t n, std::byte* dst);

}  // namespace tare

#endif  // TARE_TENSOR_QUANTIZE_H_
