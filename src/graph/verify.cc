#include "graph/verify.h"

#include <fmt/format.h>

#include "graph/infer.h"

namespace tare {
namespace {

// Whether an input may be block-quantised: a product's weights, the table of a gather, or a view.
bool TakesBlocks(const Node& user, size_t input) {
  switch (user.op) {
    case Op::kMatMul:
      return input == 1;
    case Op::kExpertMatMul:
      return input >= 2;
    case Op::kEinsum:
      return true;
    case Op::kGather:
    case Op::kReshape:
      return input == 0;
    default:
      return false;
  }
}

Status VerifyNode(const Graph& graph, NodeId id) {
  const Node& node = graph.node(id);
  for (size_t i = 0; i < node.inputs.size(); ++i) {
    if (node.inputs[i] >= id) return InternalError("reads %{}, which comes later", node.inputs[i]);
    const Node& input = graph.node(node.inputs[i]);
    if (input.type.dtype != DType::kF32 && input.type.dtype != DType::kI32 &&
        input.op != Op::kConstant && input.op != Op::kReshape) {
      return InternalError("input {} is a {} value that is not a constant", i,
                           DTypeName(input.type.dtype));
    }
    if (IsBlockQuantized(input.type.dtype) && !TakesBlocks(node, i)) {
      return InternalError(
          "input {} is {}, which only a product's weight or a gather's table may be", i,
          DTypeName(input.type.dtype));
    }
  }
  if (node.op == Op::kConstant && node.constant.data == nullptr &&
      node.constant.shape.elements() != 0) {
    return InternalError("a constant without data");
  }
  if (node.op == Op::kCacheAppend && node.attributes.cache_slot >= graph.cache_slots()) {
    return InternalError("cache slot {} of {}", node.attributes.cache_slot, graph.cache_slots());
  }
  TARE_ASSIGN_OR_RETURN(const ValueType type, InferType(graph, node));
  if (type != node.type) {
    return InternalError("is marked {}, but its inputs make it {}", node.type.ToString(),
                         type.ToString());
  }
  return {};
}

}  // namespace

Status Verify(const Graph& graph) {
  if (graph.output() >= graph.size()) return InternalError("the graph has no output");
  for (NodeId id = 0; id < graph.size(); ++id) {
    const Status status = VerifyNode(graph, id);
    if (status.ok()) continue;
    const Node& node = graph.node(id);
    return status.error().In(fmt::format("node %{} ({} {})", id, InfoOf(node.op).name, node.name));
  }
  return {};
}

}  // namespace tare
