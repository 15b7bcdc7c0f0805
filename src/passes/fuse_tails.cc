// Pointwise nodes join the product that feeds them, and the product's result is read and written
// once instead of once a step.
//
//   before                             after
//   %3 = matmul (%1, @up)              %5 = matmul +mul (%1, @up, %2)
//   %5 = mul (%3, %2)
//   %6 = matmul (%5, @down)            %7 = matmul +add (%5, @down, %0)
//   %7 = add (%6, %0)
//
// The product moves down to the pointwise node's place, where every operand exists. An op that no
// kernel has as a tail stays apart (OpInfo::is_tail).
#include <optional>
#include <utility>

#include "passes/passes.h"
#include "passes/rewriter.h"

namespace tare {
namespace {

class TailFuser {
 public:
  explicit TailFuser(const Graph& graph) : graph_(graph), uses_(LiveUseCounts(graph)) {}

  Graph Run() && {
    for (NodeId id = 0; id < graph_.size(); ++id) {
      if (uses_[id] > 0) Fuse(id);
    }
    return std::move(graph_);
  }

 private:
  // The product behind `input` of a node, through reshapes that have no other reader and end in the
  // product's own type.
  std::optional<NodeId> ProductBehind(const Node& node, size_t input) const {
    NodeId id = node.inputs[input];
    while (graph_.node(id).op == Op::kReshape && uses_[id] == 1) id = graph_.node(id).inputs[0];
    const Node& product = graph_.node(id);
    if (product.op != Op::kMatMul || uses_[id] != 1 || product.type != node.type) {
      return std::nullopt;
    }
    if (product.attributes.tails.size() == kMaxTails) return std::nullopt;
    return id;
  }

  // The input that a pointwise node may be a tail of: of two products the later, as the other is
  // the operand.
  std::optional<size_t> TailInput(const Node& node) const {
    if (!InfoOf(node.op).is_tail) return std::nullopt;
    if (node.inputs.size() == 1) return 0;
    if (node.inputs[0] == node.inputs[1]) return std::nullopt;
    const auto first = ProductBehind(node, 0);
    const auto second = ProductBehind(node, 1);
    return second && (!first || *second > *first) ? 1 : 0;
  }

  void Fuse(NodeId id) {
    const auto input = TailInput(graph_.node(id));
    if (!input) return;
    const auto product = ProductBehind(graph_.node(id), *input);
    if (!product) return;
    const Node pointwise = graph_.node(id);
    Node fused = graph_.node(*product);
    Tail tail{pointwise.op, 0};
    if (pointwise.inputs.size() == 2) {
      tail.input = static_cast<uint8_t>(fused.inputs.size());
      fused.inputs.push_back(pointwise.inputs[1 - *input]);
    }
    fused.attributes.tails.push_back(tail);
    if (fused.name.empty()) fused.name = pointwise.name;
    graph_.node(id) = std::move(fused);
  }

  Graph graph_;
  std::vector<uint32_t> uses_;
};

}  // namespace

Status FuseTails(Graph* graph, PassContext* /*context*/) {
  *graph = TailFuser(*graph).Run();
  return {};
}

}  // namespace tare
