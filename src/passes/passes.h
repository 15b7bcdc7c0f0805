#ifndef TARE_PASSES_PASSES_H_
#define TARE_PASSES_PASSES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "base/error.h"
#include "graph/graph.h"

namespace tare {

// What a pass is given, and what it reports.
struct PassContext {
  Evaluator* evaluator = nullptr;  // none: constants are folded as far as views go
  size_t copied_bytes = 0;         // bytes of constants that the pass made itself
  std::vector<std::string> notes;  // what was left undone, and why
};

// The passes. Each takes a graph that Verify() accepts and leaves one that computes the same
// values, up to rounding. Nodes that nothing reads any more stay until EliminateDead. None copies a
// borrowed constant.
//   Errors  Internal, OutOfMemory; the graph is then as it was.

// Evaluates nodes whose inputs are all constant; a reshaped constant becomes a view of its bytes.
// A node whose result would own more than kMaxFoldedBytes stays.
inline constexpr size_t kMaxFoldedBytes = 64 * 1024;
Status FoldConstants(Graph* graph, PassContext* context);

// Scores, scale, causal softmax and mix become one kAttention, which reads grouped heads in place.
Status FuseAttention(Graph* graph, PassContext* context);

// Einsums become kMatMul with a constant, else kBatchedMatMul over strides.
Status LowerEinsum(Graph* graph, PassContext* context);

// Pointwise nodes join the kMatMul whose only reader they are.
Status FuseTails(Graph* graph, PassContext* context);

// Removes nodes that the output does not depend on, and reshapes that change nothing.
Status EliminateDead(Graph* graph, PassContext* context);

}  // namespace tare

#endif  // TARE_PASSES_PASSES_H_
