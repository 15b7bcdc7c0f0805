#include "passes/rewriter.h"

#include <utility>

#include "graph/reached_nodes.h"

namespace tare {

std::vector<NodeId> Rewriter::NewIds(const std::vector<NodeId>& old_ids) const {
  std::vector<NodeId> ids;
  for (NodeId id : old_ids) ids.push_back(NewId(id));
  return ids;
}

NodeId Rewriter::Copy(NodeId old_id) {
  Node node = from_.node(old_id);
  node.inputs = NewIds(node.inputs);
  const NodeId id = to_.Add(std::move(node));
  Replace(old_id, id);
  return id;
}

Graph Rewriter::Finish() && {
  to_.set_output(NewId(from_.output()));
  to_.set_cache_slots(from_.cache_slots());
  return std::move(to_);
}

std::vector<uint32_t> LiveUseCounts(const Graph& graph) {
  const std::vector<bool> reached = ReachedNodes(graph);
  std::vector<uint32_t> counts(graph.size(), 0);
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (!reached[id]) continue;
    for (NodeId input : graph.node(id).inputs) ++counts[input];
  }
  if (graph.output() < graph.size()) ++counts[graph.output()];
  return counts;
}

}  // namespace tare
