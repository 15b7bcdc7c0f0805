#ifndef TARE_OPENVINO_MEMORY_HUGE_PAGES_H_
#define TARE_OPENVINO_MEMORY_HUGE_PAGES_H_

#include <cstdint>

#include "heap/huge_pace.h"

namespace tare {

// Functions that only the preloaded hook has (heap/huge_allocations.h).
struct HugeAllocationCalls {
  void (*begin)(HugePace pace);
  void (*end)();
  uint64_t (*bytes)();
};

// While it lives, large blocks that the plugin allocates go to huge pages if the kernel gives them.
// The destructor reports how many bytes were requested, and by how many the process's huge pages
// grew; other threads may change the latter.
class HugePages {
 public:
  HugePages(const HugeAllocationCalls& calls, HugePace pace);
  HugePages(const HugePages&) = delete;
  HugePages& operator=(const HugePages&) = delete;
  ~HugePages();

 private:
  const HugeAllocationCalls calls_;
  const uint64_t asked_before_, resident_before_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_HUGE_PAGES_H_
