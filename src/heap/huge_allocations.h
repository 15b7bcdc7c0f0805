#ifndef TARE_HEAP_HUGE_ALLOCATIONS_H_
#define TARE_HEAP_HUGE_ALLOCATIONS_H_

#include <cstdint>

#include "heap/huge_pace.h"

namespace tare {

// Replaces posix_memalign in the program or library that links it, and in all that is loaded later.
// While huge pages are requested, a block of 2 MiB or more begins at a multiple of 2 MiB, and its
// whole huge pages are requested from the kernel (MADV_HUGEPAGE), which supplies them on first
// touch. A last part of less than 2 MiB stays in small pages. The first one or two huge pages are
// touched at once, to measure how long that takes. free() frees the block as usual. All other calls
// go to the C library. Thread-safe.
//
// Links only the C library: it is also part of the hook, which every process of a program loads.

// Whether this works here: malloc must be the C library's, which unmaps a large block when it is
// freed, so that nothing else reuses its pages. Never under a sanitizer.
bool CanAskForHugePages();

// Huge pages are requested from the first Begin until each Begin has its End; the latest pace
// applies. Both do nothing if huge pages cannot be requested here.
void BeginHugeAllocations(HugePace pace);
void EndHugeAllocations();

// Bytes requested in huge pages so far, freed blocks included. The kernel gives none if
// /sys/kernel/mm/transparent_hugepage/enabled is `never`.
uint64_t HugeAllocationBytes();

// Begins in the constructor, ends in the destructor.
class HugeAllocations {
 public:
  explicit HugeAllocations(HugePace pace) { BeginHugeAllocations(pace); }
  ~HugeAllocations() { EndHugeAllocations(); }
  HugeAllocations(const HugeAllocations&) = delete;
  HugeAllocations& operator=(const HugeAllocations&) = delete;
};

}  // namespace tare

#endif  // TARE_HEAP_HUGE_ALLOCATIONS_H_
