#include "tokenizer/byte_pair_merger.h"

#include <algorithm>
#include <array>
#include <functional>

namespace tare {
namespace {

constexpr uint32_t kNoNode = UINT32_MAX;
constexpr int32_t kMerged = -1;

}  // namespace

void BytePairMerger::MergeTail(std::vector<int32_t>& ids, size_t begin) {
  const size_t size = ids.size() - begin;
  if (size < 2) return;
  int32_t* symbols = ids.data() + begin;
  ids.resize(begin +
             (size <= kScanLimit ? MergeByScan(symbols, size) : MergeByHeap(symbols, size)));
}

size_t BytePairMerger::MergeByScan(int32_t* ids, size_t size) const {
  std::array<Merge, kScanLimit> merges;  // merges[i]: of ids[i] and ids[i + 1]
  for (size_t i = 0; i + 1 < size; ++i) merges[i] = merges_.Find(ids[i], ids[i + 1]);
  while (size > 1) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < size; ++i) {
      if (merges[i].rank < merges[best].rank) best = i;
    }
    if (merges[best].rank == Merge::kNone) break;
    ids[best] = merges[best].token;
    std::copy(ids + best + 2, ids + size, ids + best + 1);
    std::copy(merges.begin() + best + 1, merges.begin() + size - 1, merges.begin() + best);
    --size;
    if (best > 0) merges[best - 1] = merges_.Find(ids[best - 1], ids[best]);
    if (best + 1 < size) merges[best] = merges_.Find(ids[best], ids[best + 1]);
  }
  return size;
}

size_t BytePairMerger::MergeByHeap(int32_t* ids, size_t size) {
  nodes_.resize(size);
  for (uint32_t i = 0; i < size; ++i) nodes_[i] = {ids[i], i == 0 ? kNoNode : i - 1, i + 1};
  nodes_[size - 1].next = kNoNode;
  heap_.clear();
  for (uint32_t i = 0; i + 1 < size; ++i) PushMerge(i);

  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const uint64_t entry = heap_.back();
    heap_.pop_back();
    const auto position = static_cast<uint32_t>(entry);
    const Merge merge = MergeAt(position);
    if (merge.rank == Merge::kNone || merge.rank != entry >> 32) continue;
    JoinWithNext(position, merge.token);
    PushMerge(position);
    if (nodes_[position].previous != kNoNode) PushMerge(nodes_[position].previous);
  }

  size_t count = 0;
  for (uint32_t i = 0; i != kNoNode; i = nodes_[i].next) ids[count++] = nodes_[i].id;
  return count;
}

Merge BytePairMerger::MergeAt(uint32_t position) const {
  const Node& node = nodes_[position];
  if (node.id == kMerged || node.next == kNoNode) return {};
  return merges_.Find(node.id, nodes_[node.next].id);
}

void BytePairMerger::PushMerge(uint32_t position) {
  const Merge merge = MergeAt(position);
  if (merge.rank == Merge::kNone) return;
  heap_.push_back(static_cast<uint64_t>(merge.rank) << 32 | position);
  std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
}

void BytePairMerger::JoinWithNext(uint32_t position, int32_t token) {
  Node& node = nodes_[position];
  Node& next = nodes_[node.next];
  node.id = token;
  node.next = next.next;
  next.id = kMerged;
  if (node.next != kNoNode) nodes_[node.next].previous = position;
}

}  // namespace tare
