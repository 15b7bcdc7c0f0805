#include "graph/reached_nodes.h"

namespace tare {

std::vector<bool> ReachedNodes(const Graph& graph) {
  std::vector<bool> reached(graph.size(), false);
  if (graph.output() < graph.size()) reached[graph.output()] = true;
  for (size_t i = graph.size(); i-- > 0;) {
    if (!reached[i]) continue;
    for (NodeId input : graph.node(static_cast<NodeId>(i)).inputs) reached[input] = true;
  }
  return reached;
}

}  // namespace tare
