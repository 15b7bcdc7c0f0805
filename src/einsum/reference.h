#ifndef TARE_EINSUM_REFERENCE_H_
#define TARE_EINSUM_REFERENCE_H_

#include <span>

#include "base/error.h"
#include "einsum/equation.h"

namespace tare {

// Evaluates an einsum of one or two operands by its definition: one loop per output label and per
// summed label, with products added in double. Handles diagonals, sums, ellipses and broadcasts.
//   shapes    one per operand.   operands  f32, row-major, of those shapes.
//   out       f32, row-major, of EinsumOutputShape(equation, shapes); overlaps no operand.
//   Errors    InvalidInput if a shape does not fit the equation, or a span does not fit its shape.
//   Source    numpy.einsum.
Status EinsumReference(const EinsumEquation& equation, std::span<const EinsumShape> shapes,
                       std::span<const std::span<const float>> operands, std::span<float> out);

}  // namespace tare

#endif  // TARE_EINSUM_REFERENCE_H_
