#ifndef TARE_OPENVINO_MEMORY_PACKING_HEAP_H_
#define TARE_OPENVINO_MEMORY_PACKING_HEAP_H_

#include <optional>

#include "openvino/memory/huge_pages.h"

namespace tare {

// While a plugin packs, keeps no freed memory in the heap and puts packed weights in huge pages. At
// the end it restores the heap's default behaviour and reports the memory that it gave back.
class PackingHeap {
 public:
  //   huge   nullopt: use no huge pages.
  PackingHeap(const HugeAllocationCalls& calls, std::optional<HugePace> huge);
  PackingHeap(const PackingHeap&) = delete;
  PackingHeap& operator=(const PackingHeap&) = delete;
  ~PackingHeap();

 private:
  std::optional<HugePages> huge_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_PACKING_HEAP_H_
