#ifndef TARE_TOKENIZER_MERGE_TABLE_H_
#define TARE_TOKENIZER_MERGE_TABLE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tare {

// The result of merging two neighbouring tokens, and its rank (0 merges first).
struct Merge {
  static constexpr uint32_t kNone = UINT32_MAX;
  uint32_t rank = kNone;
  int32_t token = -1;
};

// (left, right) → Merge. Open addressing in one array: a look-up mostly touches one cache line.
class MergeTable {
 public:
  // Room for `count` merges.
  explicit MergeTable(size_t count);

  // Returns false and changes nothing if the pair is known.
  bool Insert(int32_t left, int32_t right, Merge merge);

  // Rank kNone if the pair does not merge.
  Merge Find(int32_t left, int32_t right) const;

  // Calls visit(left, right, merge) for all, in any order.
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

  // The slot of the pair, or the free slot where it belongs.
  size_t Locate(int32_t left, int32_t right) const;

  std::vector<Slot> slots_;  // never full
};

}  // namespace tare

#endif  // TARE_TOKENIZER_MERGE_TABLE_H_
