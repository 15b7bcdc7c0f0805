#include "runtime/branches.h"

#include <numeric>
#include <utility>

#include "base/check.h"

namespace tare {

BranchRows::BranchRows(size_t length, size_t count) : rows_(static_cast<uint32_t>(length)) {
  std::vector<uint32_t> path(length);
  std::iota(path.begin(), path.end(), uint32_t{0});
  paths_.assign(count, path);
}

void BranchRows::Extend(std::span<const size_t> parents) {
  std::vector<std::vector<uint32_t>> extended;
  std::vector<bool> used(rows_, false);
  for (size_t parent : parents) {
    TARE_CHECK_LT(parent, paths_.size());
    extended.push_back(paths_[parent]);
    for (uint32_t row : paths_[parent]) used[row] = true;
  }
  uint32_t row = 0;
  for (std::vector<uint32_t>& path : extended) {
    while (row < used.size() && used[row]) ++row;
    path.push_back(row++);
    if (row > rows_) rows_ = row;
  }
  paths_ = std::move(extended);
}

void BranchRows::KeepOnly(size_t i) {
  TARE_CHECK_LT(i, paths_.size());
  std::vector<uint32_t> kept = std::move(paths_[i]);
  paths_.clear();
  paths_.push_back(std::move(kept));
}

Result<std::span<const float>> Branches::Extend(std::span<const size_t> parents,
                                                std::span<const int32_t> ids) {
  rows_.Extend(parents);
  std::vector<std::span<const uint32_t>> paths;
  for (size_t i = 0; i < rows_.count(); ++i) paths.push_back(rows_.rows(i));
  return executor_.RunBranches(ids, paths, cache_);
}

}  // namespace tare
