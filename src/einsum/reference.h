#ifndef TARE_EINSUM_REFERENCE_H_
#define TARE_EINSUM_REFERENCE_H_

#include <span>

#include "base/error.h"
#include "einsum/equation.h"

namespace tare {

// Evaluates an einsum of one or two operands by the definition: one loop an output label, one a
// summed label, products added in double. Diagonals, sums, ellipses and broadcasts included.
//   shapes    one an operand.   operands  f32, row-major, of those shapes.
//   out       f32, row-major, of EinsumOutputShape(equation, shapes); overlaps no operand.
//   Errors    InvalidInput where shapes do not fit the equation, or a span its shape.
//   Source    numpy.einsum.
Status EinsumReference(const EinsumEquation& equation, std::span<const EinsumShape> shapes,
                       std::span<const std::span<const float>> operands, std::span<float> out);

}  // namespace tare

#endif  // TARE_EINSUM_REFERENCE_H_
