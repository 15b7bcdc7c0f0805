#ifndef TARE_OPENVINO_MEMORY_PACKING_HEAP_H_
#define TARE_OPENVINO_MEMORY_PACKING_HEAP_H_

#include <optional>

#include "openvino/memory/huge_pages.h"

namespace tare {

// While a plugin packs, no slack is kept in the heap and what it packs lies in huge pages; at the
// end the heap is as it was left to itself. Reports the slack that was given back.
class PackingHeap {
 public:
  //   huge   nullopt: none are asked for.
  PackingHeap(const HugeAllocationCalls& calls, std::optional<HugePace> huge);
  PackingHeap(const PackingHeap&) = delete;
  PackingHeap& operator=(const PackingHeap&) = delete;
  ~PackingHeap();

 private:
  std::optional<HugePages> huge_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_PACKING_HEAP_H_
