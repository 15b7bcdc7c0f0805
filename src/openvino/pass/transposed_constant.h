#ifndef TARE_OPENVINO_PASS_TRANSPOSED_CONSTANT_H_
#define TARE_OPENVINO_PASS_TRANSPOSED_CONSTANT_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>

namespace tare {

// Lets a product read a constant matrix directly instead of its Transpose, in bodies too:
//
//   MatMul(x, Convert(Transpose(w)))  →  MatMul(x, w, transpose_b)
//
// The optional Convert must not change the type. A tied embedding is such a matrix: its rows are
// gathered elsewhere, so folding the Transpose would keep w twice. Returns the number of changed
// operands.
size_t MatMulOfTransposedConstant(const std::shared_ptr<ov::Model>& model);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_TRANSPOSED_CONSTANT_H_
