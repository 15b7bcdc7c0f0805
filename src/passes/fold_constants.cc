// Folds what is known when the graph is built.
//
//   before                                        after
//   %1 = constant [576, 576]  (borrowed)          %1 = constant [9, 64, 576]  (borrowed, same
//   bytes) %2 = reshape (%1) : [9, 64, 576] %3 = div (@frequencies, @divisors) : [32]     %3 =
//   constant [32]  (owned, 128 bytes)
//
// A view costs nothing; a result costs its bytes, so it may own kMaxFoldedBytes at most.
#include <utility>

#include "passes/passes.h"

namespace tare {
namespace {

bool HasConstantInputs(const Graph& graph, const Node& node) {
  for (NodeId input : node.inputs) {
    if (graph.node(input).op != Op::kConstant) return false;
  }
  return !node.inputs.empty();
}

void BecomeConstant(const TensorView& view, std::shared_ptr<const Storage> owned, Node* node) {
  node->op = Op::kConstant;
  node->inputs.clear();
  node->attributes = {};
  node->constant = view;
  node->owned = std::move(owned);
}

void FoldView(const Node& source, Node* node) {
  TensorView view = source.constant;
  view.shape = node->type.Resolve(0, 0);
  node->name = source.name;
  BecomeConstant(view, source.owned, node);
}

std::string Describe(NodeId id, const Node& node) {
  return fmt::format("%{} ({} {})", id, InfoOf(node.op).name, node.name);
}

Status Evaluate(const Graph& graph, NodeId id, PassContext* context, Node* node) {
  const auto bytes = ByteSize(node->type.dtype, node->type.Resolve(0, 0));
  if (!bytes || *bytes > kMaxFoldedBytes) {
    context->notes.push_back(fmt::format("{} stays: its result would own {} bytes, more than {}",
                                         Describe(id, *node), bytes.value_or(~size_t{0}),
                                         kMaxFoldedBytes));
    return {};
  }
  std::vector<TensorView> inputs;
  for (NodeId input : node->inputs) inputs.push_back(graph.node(input).constant);
  Result<Storage> result = context->evaluator->Evaluate(*node, inputs);
  if (!result.ok()) {
    if (result.error().code() != ErrorCode::kUnsupported) return result.error();
    context->notes.push_back(
        fmt::format("{} stays: {}", Describe(id, *node), result.error().message()));
    return {};
  }
  auto owned = std::make_shared<const Storage>(std::move(result).value());
  const TensorView view = owned->view();
  context->copied_bytes += view.bytes();
  BecomeConstant(view, std::move(owned), node);
  return {};
}

}  // namespace

Status FoldConstants(Graph* graph, PassContext* context) {
  Graph folded = *graph;
  for (NodeId id = 0; id < folded.size(); ++id) {
    Node& node = folded.node(id);
    if (!InfoOf(node.op).foldable || !node.type.is_static()) continue;
    if (!HasConstantInputs(folded, node)) continue;
    if (node.op == Op::kReshape) {
      FoldView(folded.node(node.inputs[0]), &node);
    } else if (context->evaluator != nullptr) {
      TARE_RETURN_IF_ERROR(Evaluate(folded, id, context, &node));
    }
  }
  *graph = std::move(folded);
  return {};
}

}  // namespace tare
