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

// The cache rows of the tokens of several sequences. Sequences with a common beginning share its
// rows. Rows that no sequence uses any longer are reused. Nothing is ever copied.
class BranchRows {
 public:
  // Starts with `count` sequences, each of rows 0 .. length - 1.
  BranchRows(size_t length, size_t count);

  // Sequence i becomes the former sequence parents[i] plus one new row.
  void Extend(std::span<const size_t> parents);
  // Drops all sequences except i.
  void KeepOnly(size_t i);

  size_t count() const { return paths_.size(); }
  // Valid until the next change.
  std::span<const uint32_t> rows(size_t i) const { return paths_[i]; }

 private:
  std::vector<std::vector<uint32_t>> paths_;
  uint32_t rows_ = 0;  // rows 0 .. rows_ - 1 are in use
};

// Several continuations of a text, run together: each step reads the weights once.
class Branches {
 public:
  // All `count` branches begin with the tokens in the cache. `executor` must compute logits for
  // every token; it and the cache must outlive the branches.
  Branches(Executor& executor, KvCache& cache, size_t count)
      : executor_(executor), cache_(cache), rows_(cache.length(), count) {}

  // Branch i becomes the former branch parents[i] followed by ids[i]. Returns logits [n, V], valid
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
