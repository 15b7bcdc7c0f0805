#ifndef TARE_GRAPH_VERIFY_H_
#define TARE_GRAPH_VERIFY_H_

#include "base/error.h"
#include "graph/graph.h"

namespace tare {

// Checks everything that passes and the executor rely on: inputs come before users, arity, every
// type equal to its op's shape rule, block-quantised constants only where an op takes them and
// never cut inside a block, tails that name inputs, an output.
//   Errors   Internal, naming the node: "node %12 (einsum layer.3.query): …".
Status Verify(const Graph& graph);

}  // namespace tare

#endif  // TARE_GRAPH_VERIFY_H_
