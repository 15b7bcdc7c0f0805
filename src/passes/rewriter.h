#ifndef TARE_PASSES_REWRITER_H_
#define TARE_PASSES_REWRITER_H_

#include <vector>

#include "graph/graph.h"

namespace tare {

// Builds a new graph from an old one, node by node in order; a pass may put other nodes in place of
// a node. Call Copy() or Replace() for every old node before you copy a node that reads it. The old
// graph must outlive the rewriter.
class Rewriter {
 public:
  explicit Rewriter(const Graph& from) : from_(from), new_ids_(from.size(), kNoNode) {}

  // The new node that replaces an old one.
  NodeId NewId(NodeId old_id) const { return new_ids_[old_id]; }
  std::vector<NodeId> NewIds(const std::vector<NodeId>& old_ids) const;

  NodeId Copy(NodeId old_id);
  // Adds another new node, whose inputs are new ids.
  NodeId Add(Node node) { return to_.Add(std::move(node)); }
  void Replace(NodeId old_id, NodeId new_id) { new_ids_[old_id] = new_id; }

  // The new graph, with the old graph's output and cache slots.
  Graph Finish() &&;

 private:
  const Graph& from_;
  Graph to_;
  std::vector<NodeId> new_ids_;
};

// How many inputs of reached nodes read each node; the output counts as one more reader.
std::vector<uint32_t> LiveUseCounts(const Graph& graph);

}  // namespace tare

#endif  // TARE_PASSES_REWRITER_H_
