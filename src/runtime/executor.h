#ifndef TARE_RUNTIME_EXECUTOR_H_
#define TARE_RUNTIME_EXECUTOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "base/thread_pool.h"
#include "graph/graph.h"
#include "kernels/kernel_table.h"
#include "runtime/kv_cache.h"
#include "runtime/step.h"

namespace tare {

// Runs a graph. All threads walk its steps together and wait for each other only where one needs
// another's result. Activations are in one arena, which is planned for the largest step so far.
class Executor {
 public:
  // The memory of the graph's constants, `kernels` and `pool` must outlive the executor.
  //   reuse_memory   whether activations that are never needed together share memory.
  //   Errors         Internal for a graph that Verify() rejects.
  static Result<Executor> Create(Graph graph, const KernelTable& kernels, ThreadPool& pool,
                                 bool reuse_memory = true);

  Executor(Executor&&) noexcept = default;
  Executor& operator=(Executor&&) noexcept = default;

  // For KvCache::Create: elements of one token in each cache slot.
  std::vector<size_t> CacheSlotElements() const;

  // Runs `ids` as tokens cache.length() .. cache.length() + ids.size() - 1 and stores their keys
  // and values. Returns the logits, f32 row-major, in the shape of the graph's output; valid until
  // the next Run.
  // Where the rotation changes with the text's length and this step crosses the bound, the cache's
  // tokens are run again first.
  //   Errors   InvalidInput (no ids, an id outside the vocabulary, more than the cache holds),
  //            OutOfMemory. The cache is then unchanged.
  Result<std::span<const float>> Run(std::span<const int32_t> ids, KvCache& cache);

  // Runs each ids[i] as the next token of its own sequence, with one pass over the weights for all.
  //   branches[i]  the cache rows of that sequence's tokens in order. The last row takes the keys
  //   and
  //                values of ids[i]; earlier runs have filled the others.
  // Raises cache.length() to the highest row of all branches plus one, if it was less.
  //   Errors       those of Run; Unsupported if attention was not fused, and past the bound where
  //                the rotation changes with the text's length.
  //   Preconditions  branches is as long as ids, and none is empty.
  Result<std::span<const float>> RunBranches(std::span<const int32_t> ids,
                                             std::span<const std::span<const uint32_t>> branches,
                                             KvCache& cache);

  // The output norm's result for each token of the last run, from which its logits are computed:
  // f32 [T, C]. Valid as long as the logits.
  std::span<const float> Hidden() const;

  size_t arena_bytes() const { return arena_.size(); }
  size_t scratch_bytes() const { return scratch_.size(); }

 private:
  Executor(Graph graph, const KernelTable& kernels, ThreadPool& pool, bool reuse_memory);

  Status MakeSteps();
  Status ChooseRotation(size_t more_tokens, KvCache& cache);
  Status CheckIds(std::span<const int32_t> ids) const;
  Status Prepare(const StepContext& context);
  void Place(const StepContext& context, std::span<const int32_t> ids, const KvCache& cache);
  Result<std::span<const float>> RunSteps(const StepContext& context, std::span<const int32_t> ids,
                                          const KvCache& cache);

  std::unique_ptr<Graph> graph_;  // Behind a pointer: steps refer to its nodes.
  const KernelTable* kernels_;
  ThreadPool* pool_;
  bool reuse_memory_;

  std::vector<NodeId> step_ids_;
  std::vector<Step> steps_;     // parallel to step_ids_
  bool context_sized_ = false;  // an activation's size depends on S
  size_t vocabulary_ = 0;       // rows of the table that token ids index
  size_t long_after_ = 0;       // tokens after which kRope changes; 0: it never does

  // The current plan, and the step size that it was made for.
  size_t planned_tokens_ = 0;
  size_t planned_context_ = 0;
  std::vector<size_t> offsets_;  // by node
  AlignedBuffer arena_;
  AlignedBuffer scratch_;
  size_t scratch_stride_ = 0;
  std::vector<std::byte*> addresses_;  // by node
};

}  // namespace tare

#endif  // TARE_RUNTIME_EXECUTOR_H_
