#ifndef TARE_RUNTIME_STEP_H_
#define TARE_RUNTIME_STEP_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "einsum/equation.h"
#include "graph/graph.h"
#include "kernels/kernel_table.h"

namespace tare {

// Values that are known only when a step runs: T tokens in it, S in the cache after it.
struct StepContext {
  const KernelTable* kernels = nullptr;
  size_t tokens = 0;
  size_t context = 0;

  // If each token is the next one of its own sequence: for each token, the cache rows of its
  // sequence in order, its own last. Empty: the tokens follow each other, and the cache's rows are
  // in order.
  std::span<const std::span<const uint32_t>> branches = {};

  // Whether kRope takes the frequencies of long sequences.
  bool is_long = false;

  size_t past() const { return context - tokens; }
  size_t PositionOf(size_t token) const {
    return branches.empty() ? past() + token : branches[token].size() - 1;
  }
  size_t CacheRowOf(size_t token) const {
    return branches.empty() ? past() + token : branches[token].back();
  }
};

// One node, ready to run: its operands' types, and their addresses once a plan has placed them.
struct Step {
  const Node* node = nullptr;
  std::vector<const ValueType*> input_types;
  std::vector<const std::byte*> inputs;
  std::byte* output = nullptr;             // kCacheAppend: the slot's first row
  std::optional<EinsumEquation> equation;  // kEinsum that no pass has lowered
  bool barrier_before = false;
};

// Errors: Internal for an equation that does not parse.
Result<Step> MakeStep(const Graph& graph, NodeId id);

// Scratch that each thread needs for the step, in bytes.
size_t StepScratchBytes(const StepContext& context, const Step& step);

// Does this thread's share of the step. All threads call it, each with its own scratch.
void RunStep(const StepContext& context, const Step& step, ThreadSlice slice, std::byte* scratch);

// Elements of a value in this context.
size_t ElementsOf(const ValueType& type, const StepContext& context);

}  // namespace tare

#endif  // TARE_RUNTIME_STEP_H_
