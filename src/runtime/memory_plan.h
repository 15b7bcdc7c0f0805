#ifndef TARE_RUNTIME_MEMORY_PLAN_H_
#define TARE_RUNTIME_MEMORY_PLAN_H_

#include <cstddef>
#include <limits>
#include <vector>

#include "graph/graph.h"

namespace tare {

// The place of every activation in a step of a certain size, and where its threads must wait.
struct MemoryPlan {
  static constexpr size_t kNoOffset = std::numeric_limits<size_t>::max();
  static constexpr size_t kAlignment = 64;

  // For each node, where its value begins in the arena; a view is inside its source. kNoOffset: it
  // is elsewhere (inputs, constants and their views, caches), or the output does not depend on it.
  std::vector<size_t> offsets;
  size_t arena_bytes = 0;

  // For each node, whether all threads must finish all earlier nodes before it runs.
  std::vector<bool> needs_barrier_before;
};

// Plans the graph's nodes in their order for T = tokens and S = context.
//   reuse  whether values that are never needed together may share memory, including a node's
//   result
//          and its input. If not, each value has its own.
// Preconditions: Verify() accepts the graph; sizes in bytes fit size_t.
MemoryPlan PlanMemory(const Graph& graph, size_t tokens, size_t context, bool reuse = true);

}  // namespace tare

#endif  // TARE_RUNTIME_MEMORY_PLAN_H_
