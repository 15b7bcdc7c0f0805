#ifndef TARE_TOKENIZER_BYTE_PAIR_MERGER_H_
#define TARE_TOKENIZER_BYTE_PAIR_MERGER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tokenizer/merge_table.h"

namespace tare {

// Byte-pair encoding: while any two neighbours can merge, merges the pair with the lowest rank, the
// leftmost of equal ones. Holds working memory, so only one thread at a time may use it.
class BytePairMerger {
 public:
  // Up to this many symbols a scan is faster than a heap.
  static constexpr size_t kScanLimit = 48;

  explicit BytePairMerger(const MergeTable& merges) : merges_(merges) {}

  // Replaces ids[begin..] with the ids that they merge to. O(n log n).
  void MergeTail(std::vector<int32_t>& ids, size_t begin);

 private:
  struct Node {
    int32_t id;
    uint32_t previous;
    uint32_t next;
  };

  // Both merge the symbols in place and return how many are left.
  size_t MergeByScan(int32_t* ids, size_t size) const;
  size_t MergeByHeap(int32_t* ids, size_t size);

  Merge MergeAt(uint32_t position) const;
  void PushMerge(uint32_t position);
  void JoinWithNext(uint32_t position, int32_t token);

  const MergeTable& merges_;
  std::vector<Node> nodes_;
  std::vector<uint64_t> heap_;  // rank << 32 | position; stale entries are dropped when popped
};

}  // namespace tare

#endif  // TARE_TOKENIZER_BYTE_PAIR_MERGER_H_
