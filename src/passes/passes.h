#ifndef TARE_PASSES_PASSES_H_
#define TARE_PASSES_PASSES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "graph/graph.h"

namespace tare {

// Input and output of a pass.
struct PassContext {
  Evaluator* evaluator = nullptr;  // null: fold only views
  size_t copied_bytes = 0;         // bytes of constants that the pass created
  std::vector<std::string> notes;  // what the pass did not change, and why
};

// The passes. Each takes a graph that Verify() accepts and leaves one that computes the same
// values, up to rounding. Unused nodes stay until EliminateDead. No pass copies a borrowed
// constant.
//   Errors  Internal, OutOfMemory; the graph is then unchanged.

// Evaluates nodes whose inputs are all constant; a reshaped constant becomes a view of its bytes.
// Leaves a node whose result would own more than kMaxFoldedBytes.
inline constexpr size_t kMaxFoldedBytes = 64 * 1024;
Status FoldConstants(Graph* graph, PassContext* context);

// Scores, scale, soft cap, causal softmax and mix become one kAttention, which reads grouped heads
// in place.
Status FuseAttention(Graph* graph, PassContext* context);

// Einsums become kMatMul with a constant, else kBatchedMatMul over strides.
Status LowerEinsum(Graph* graph, PassContext* context);

// Pointwise nodes join a kMatMul if they are its only reader.
Status FuseTails(Graph* graph, PassContext* context);

// Removes nodes that the output does not depend on, and reshapes that change nothing.
Status EliminateDead(Graph* graph, PassContext* context);

}  // namespace tare

#endif  // TARE_PASSES_PASSES_H_
