#ifndef TARE_PASSES_REWRITER_H_
#define TARE_PASSES_REWRITER_H_

#include <vector>

#include "graph/graph.h"

namespace tare {

// Writes a new graph from an old one, node by node in order, where a pass may put other nodes in a
// node's place. Every old node must get its Copy() or Replace() before a later node is copied that
// reads it. The old graph must outlive the rewriter.
class Rewriter {
 public:
  explicit Rewriter(const Graph& from) : from_(from), new_ids_(from.size(), kNoNode) {}

  // The new node that stands for an old one.
  NodeId NewId(NodeId old_id) const { return new_ids_[old_id]; }
  std::vector<NodeId> NewIds(const std::vector<NodeId>& old_ids) const;

  NodeId Copy(NodeId old_id);
  // A further new node, whose inputs are new ids.
  NodeId Add(Node node) { return to_.Add(std::move(node)); }
  void Replace(NodeId old_id, NodeId new_id) { new_ids_[old_id] = new_id; }

  // The new graph, with the old one's output and cache slots.
  Graph Finish() &&;

 private:
  const Graph& from_;
  Graph to_;
  std::vector<NodeId> new_ids_;
};

// How many inputs of reached nodes, and the output as one more, read each node.
std::vector<uint32_t> LiveUseCounts(const Graph& graph);

}  // namespace tare

#endif  // TARE_PASSES_REWRITER_H_
