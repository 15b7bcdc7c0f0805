#ifndef TARE_OPENVINO_PASS_EINSUM_REWRITE_H_
#define TARE_OPENVINO_PASS_EINSUM_REWRITE_H_

#include <memory>
#include <openvino/core/node.hpp>
#include <openvino/op/einsum.hpp>

#include "base/error.h"
#include "openvino/policy/einsum_plan.h"

namespace tare {

// An einsum written as a product: `value` stands for its output, `added` are the new nodes.
struct EinsumRewrite {
  ov::Output<ov::Node> value;
  ov::NodeVector added;
};

// Writes the product hidden in an einsum, as PlanEinsum decides. The graph is not changed: the new
// nodes read the einsum's inputs, and nobody reads them yet. Lengths that are not known until the
// model runs are asked with ShapeOf only where a reshape cannot copy or infer them.
//
//   kinds    of the two inputs.
//   Errors   Unsupported, with the reason in a few words, where the einsum has to stay.
Result<EinsumRewrite> RewriteEinsum(const std::shared_ptr<ov::op::v7::Einsum>& einsum,
                                    OperandKind lhs_kind, OperandKind rhs_kind);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_EINSUM_REWRITE_H_
