#ifndef TARE_GRAPH_VERIFY_H_
#define TARE_GRAPH_VERIFY_H_

#include "base/error.h"
#include "graph/graph.h"

namespace tare {

// Checks everything that passes and the executor rely on: inputs come before users; the number of
// inputs; every type follows its op's shape rule; block-quantised constants appear only where an op
// takes them and are never cut inside a block; tails name inputs; there is an output.
//   Errors   Internal, naming the node: "node %12 (einsum layer.3.query): …".
Status Verify(const Graph& graph);

}  // namespace tare

#endif  // TARE_GRAPH_VERIFY_H_
