#ifndef TARE_TOKENIZER_MERGE_TABLE_H_
#define TARE_TOKENIZER_MERGE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tare {

// What becomes of two neighbouring tokens, and how urgently (0 first).
struct Merge {
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t rank = kNone;
  int32_t token = -1;
};

// (left, right) → Merge, as open addressing in one array: a look-up touches one cache line mostly.
class MergeTable {
 public:
  // Room for `count` merges.
  explicit MergeTable(size_t count);

  // False, and nothing is changed, where the pair is known.
  bool Insert(int32_t left, int32_t right, Merge merge);

  // Rank kNone where the pair does not merge.
  Merge Find(int32_t left, int32_t right) const;

  // visit(left, right, merge) for all, in no order.
  template <typename Visit>
  void ForEach(Visit visit) const {
    for (const Slot& slot : slots_) {
      if (slot.left >= 0) visit(slot.left, slot.right, slot.merge);
    }
  }

  size_t heap_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    int32_t left = -1;
    int32_t right = -1;
    Merge merge;
  };

  // The slot of the pair, or the free one where it belongs.
  size_t Locate(int32_t left, int32_t right) const;

  std::vector<Slot> slots_;  // never full
};

}  // namespace tare

#endif  // TARE_TOKENIZER_MERGE_TABLE_H_
