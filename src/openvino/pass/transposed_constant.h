#ifndef TARE_OPENVINO_PASS_TRANSPOSED_CONSTANT_H_
#define TARE_OPENVINO_PASS_TRANSPOSED_CONSTANT_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>

namespace tare {

// Lets a product read a constant matrix that stands transposed before it, in bodies too:
//
//   MatMul(x, Convert(Transpose(w)))  →  MatMul(x, w, transpose_b)
//
// where the Convert, if there is one, changes no type. A tied embedding is such a matrix: the rows
// of w are gathered elsewhere, so constant folding of the Transpose would keep it twice. Returns
// how many operands were changed.
size_t MatMulOfTransposedConstant(const std::shared_ptr<ov::Model>& model);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_TRANSPOSED_CONSTANT_H_
