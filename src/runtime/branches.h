#ifndef TARE_RUNTIME_BRANCHES_H_
#define TARE_RUNTIME_BRANCHES_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/error.h"
#include "runtime/executor.h"
#include "runtime/kv_cache.h"

namespace tare {

// Which cache row each token of several sequences has. Sequences that share a beginning share its
// rows, and rows that no sequence goes through any more are used again: nothing is ever copied.
class BranchRows {
 public:
  // `count` times the sequence of rows 0 .. length - 1.
  BranchRows(size_t length, size_t count);

  // Sequence i becomes what sequence parents[i] was, and one new row.
  void Extend(std::span<const size_t> parents);
  // Sequence i is the only one left.
  void KeepOnly(size_t i);

  size_t count() const { return paths_.size(); }
  // Valid until the next change.
  std::span<const uint32_t> rows(size_t i) const { return paths_[i]; }

 private:
  std::vector<std::vector<uint32_t>> paths_;
  uint32_t rows_ = 0;  // rows 0 .. rows_ - 1 have been given out
};

// Hypotheses of how a text goes on, run together: each step reads the weights once.
class Branches {
 public:
  // What the cache holds is the beginning of all `count` of them. executor's logits are of every
  // token; it and the cache must outlive the branches.
  Branches(Executor& executor, KvCache& cache, size_t count)
      : executor_(executor), cache_(cache), rows_(cache.length(), count) {}

  // Hypothesis i becomes hypothesis parents[i] with ids[i] after it. Returns logits [n, V], valid
  // until the next call.
  //   Errors  those of Executor::RunBranches.
  Result<std::span<const float>> Extend(std::span<const size_t> parents,
                                        std::span<const int32_t> ids);
  void KeepOnly(size_t i) { rows_.KeepOnly(i); }

  // f32 [n, C] of the last Extend: see Executor::Hidden.
  std::span<const float> hidden() const { return executor_.Hidden(); }

 private:
  Executor& executor_;
  KvCache& cache_;
  BranchRows rows_;
};

}  // namespace tare

#endif  // TARE_RUNTIME_BRANCHES_H_
