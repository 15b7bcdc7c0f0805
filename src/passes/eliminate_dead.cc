// Sweeps up after the other passes.
//
//   before                                after
//   %1 = scale (%0)        read by none   %1 = reshape (%0) : [1, T, 576]
//   %2 = reshape (%0) : [1, T, 9, 64]
//   %3 = reshape (%2) : [1, T, 576]
//   %4 = reshape (%3) : [1, T, 576]
#include <utility>

#include "graph/reached_nodes.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace tare {
namespace {

// The source of a chain of reshapes.
NodeId ReshapedFrom(const Graph& graph, NodeId id) {
  while (graph.node(id).op == Op::kReshape) id = graph.node(id).inputs[0];
  return id;
}

Graph WithoutIdleReshapes(const Graph& graph) {
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (graph.node(id).op != Op::kReshape) {
      rewriter.Copy(id);
      continue;
    }
    const NodeId source = ReshapedFrom(graph, id);
    if (graph.node(source).type == graph.node(id).type) {
      rewriter.Replace(id, rewriter.NewId(source));
      continue;
    }
    Node reshape = graph.node(id);
    reshape.inputs = {rewriter.NewId(source)};
    rewriter.Replace(id, rewriter.Add(std::move(reshape)));
  }
  return std::move(rewriter).Finish();
}

Graph WithoutDeadNodes(const Graph& graph) {
  const std::vector<bool> reached = ReachedNodes(graph);
  Rewriter rewriter(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (reached[id]) rewriter.Copy(id);
  }
  return std::move(rewriter).Finish();
}

}  // namespace

Status EliminateDead(Graph* graph, PassContext* context) {
  const size_t before = graph->size();
  *graph = WithoutDeadNodes(WithoutIdleReshapes(*graph));
  if (graph->size() < before) {
    context->notes.push_back(fmt::format("removed {} nodes", before - graph->size()));
  }
  return {};
}

}  // namespace tare
