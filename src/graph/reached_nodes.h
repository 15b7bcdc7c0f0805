#ifndef TARE_GRAPH_REACHED_NODES_H_
#define TARE_GRAPH_REACHED_NODES_H_

#include <vector>

#include "graph/graph.h"

namespace tare {

// For each node, whether the output depends on it.
std::vector<bool> ReachedNodes(const Graph& graph);

}  // namespace tare

#endif  // TARE_GRAPH_REACHED_NODES_H_
