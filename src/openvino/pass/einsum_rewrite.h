#ifndef TARE_OPENVINO_PASS_EINSUM_REWRITE_H_
#define TARE_OPENVINO_PASS_EINSUM_REWRITE_H_

#include <memory>
#include <openvino/core/node.hpp>
#include <openvino/op/einsum.hpp>

#include "base/error.h"
#include "openvino/policy/einsum_plan.h"

namespace tare {

// A product that replaces an einsum: `value` replaces its output, `added` holds the new nodes.
struct EinsumRewrite {
  ov::Output<ov::Node> value;
  ov::NodeVector added;
};

// Builds the product hidden in an einsum, as PlanEinsum decides. Does not change the graph: the new
// nodes read the einsum's inputs, and nothing reads them yet. Reads a dynamic length with ShapeOf
// only if a reshape cannot copy or infer it.
//
//   kinds    of the two inputs.
//   Errors   Unsupported with a short reason if the einsum must stay unchanged.
Result<EinsumRewrite> RewriteEinsum(const std::shared_ptr<ov::op::v7::Einsum>& einsum,
                                    OperandKind lhs_kind, OperandKind rhs_kind);

}  // namespace tare

#endif  // TARE_OPENVINO_PASS_EINSUM_REWRITE_H_
