#ifndef TARE_GRAPH_INFER_H_
#define TARE_GRAPH_INFER_H_

#include "base/error.h"
#include "graph/graph.h"

namespace tare {

// The type of `node`'s output from the types of its inputs, by the op's shape rule. For kReshape,
// kSlice, kInput, kConstant and kCacheAppend it checks and returns the node's own type.
//   Errors   Internal for a wrong number of inputs, or types that the op does not take. The message
//            names the op, the input, and the actual and expected type.
Result<ValueType> InferType(const Graph& graph, const Node& node);

}  // namespace tare

#endif  // TARE_GRAPH_INFER_H_
