#ifndef TARE_OPENVINO_PASS_EINSUM_REWRITE_H_
#define TARE_OPENVINO_PASS_EINSUM_REWRITE_H_

#include <memory>
#include <openvino/core/node.hpp>
#include <openvino/op/einsum.hpp>
#include <string_view>

#include "base/error.h"

namespace tare {

// What an operand of an einsum is to the pass.
enum class OperandKind {
  kVariable,    // computed while the model runs
  kConstant,    // a Constant as it lies
  kCompressed,  // a Constant behind Convert, Subtract, Multiply or Reshape
  kOuter,       // a parameter of a body that is a Constant outside of it
};

std::string_view OperandKindName(OperandKind kind);  // "variable", "constant", …

// An einsum written as a product: `value` stands for its output, `added` are the new nodes.
struct EinsumRewrite {
  ov::Output<ov::Node> value;
  ov::NodeVector added;
};

// Writes the product hidden in an einsum. The graph is not changed: the new nodes read the einsum's
// inputs, and nobody reads them yet.
//
//   a constant operand   MatMul(x, Reshape(w), transpose_b): w itself stays where it is, and its
//                        Reshape is a view; x and the result are transposed if they have to be.
//   two variables        a batched MatMul with the fewest transposes; an axis that one operand
//                        alone has and the output has not is summed first.
// Lengths that are not known until the model runs are asked with ShapeOf only where a reshape
// cannot copy or infer them.
//
//   kinds    of the two inputs.
//   Errors   Unsupported, with the reason in a few words, where the einsum has to stay.
Result<EinsumRewrite> RewriteEinsum(const std::shared_ptr<ov::op::v7::Einsum>& einsum,
                                    OperandKind lhs_kind, OperandKind rhs_kind);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_EINSUM_REWRITE_H_
