#ifndef TARE_RUNTIME_MEMORY_PLAN_H_
#define TARE_RUNTIME_MEMORY_PLAN_H_

#include <cstddef>
#include <limits>
#include <vector>

#include "graph/graph.h"

namespace tare {

// Where every activation lies while a step of a certain size runs, and where its threads must meet.
struct MemoryPlan {
  static constexpr size_t kNoOffset = std::numeric_limits<size_t>::max();
  static constexpr size_t kAlignment = 64;

  // By node: where its value begins in the arena, a view inside its source. kNoOffset: it lies
  // elsewhere (inputs, constants and their views, caches), or the output does not depend on it.
  std::vector<size_t> offsets;
  size_t arena_bytes = 0;

  // By node: before it runs, every thread must have finished every node since the last barrier.
  std::vector<bool> needs_barrier_before;
};

// Plans the graph's nodes in their order for T = tokens and S = context.
//   reuse  whether values that are never needed together may share memory, a node's result and
//          its input included; without, each has its own.
// Preconditions: Verify() accepts the graph; sizes in bytes fit size_t.
MemoryPlan PlanMemory(const Graph& graph, size_t tokens, size_t context, bool reuse = true);

}  // namespace tare

#endif  // TARE_RUNTIME_MEMORY_PLAN_H_
