#include "tokenizer/merge_table.h"

#include "tokenizer/hash.h"

namespace tare {

MergeTable::MergeTable(size_t count) : slots_(count + count / 3 + 1) {}

bool MergeTable::Insert(int32_t left, int32_t right, Merge merge) {
  Slot& slot = slots_[Locate(left, right)];
  if (slot.left >= 0) return false;
  slot = {left, right, merge};
  return true;
}

Merge MergeTable::Find(int32_t left, int32_t right) const {
  return slots_[Locate(left, right)].merge;
}

size_t MergeTable::Locate(int32_t left, int32_t right) const {
  const uint64_t pair = static_cast<uint64_t>(left) << 32 | static_cast<uint32_t>(right);
  size_t i = SlotOf(MixHash(pair), slots_.size());
  while (slots_[i].left >= 0 && (slots_[i].left != left || slots_[i].right != right)) {
    if (++i == slots_.size()) i = 0;
  }
  return i;
}

}  // namespace tare
