#ifndef TARE_OPENVINO_PASS_EINSUM_TO_MATMUL_H_
#define TARE_OPENVINO_PASS_EINSUM_TO_MATMUL_H_

#include <cstddef>
#include <memory>
#include <openvino/core/model.hpp>
#include <string>
#include <vector>

namespace tare {

// A group of equal einsums in a model.
struct EinsumCount {
  std::string equation;  // as in the model
  std::string operands;  // "variable, constant"
  size_t count = 0;
  std::string left_because;  // empty: rewritten
};

// Rewrites every einsum of two operands as a MatMul, in the bodies of Loop, If and TensorIterator
// too:
//
//   Einsum(x, w, "abc,cde->abde")  →  Reshape(MatMul(x, Reshape(w, [c, de])), [a, b, d, e])
//   Einsum(k, q, "aecd,abcd->acbe")  →  MatMul(Transpose(q), Transpose(k), transpose_b)
//
// A Constant stays the same object. The product reads only views of it, because constant folding
// would turn a Transpose of it into a second copy of the weights. The MatMul takes over the
// einsum's name, runtime information and tensor names. Returns the rewritten and unchanged einsums,
// with reasons, in the model's order.
std::vector<EinsumCount> EinsumToMatMul(const std::shared_ptr<ov::Model>& model);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_EINSUM_TO_MATMUL_H_
