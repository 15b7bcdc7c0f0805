#ifndef TARE_HEAP_HUGE_ALLOCATIONS_H_
#define TARE_HEAP_HUGE_ALLOCATIONS_H_

#include <cstdint>

#include "heap/huge_pace.h"

namespace tare {

// The program or library that this is linked into has a posix_memalign of its own, found before the
// C library's by all that is loaded later. While it is asked to, a block of 2 MiB and more begins
// at a multiple of 2 MiB, and its whole huge pages are asked for of the kernel (MADV_HUGEPAGE),
// which gives them as they are touched: a last part of less than 2 MiB lies in small pages. The
// first one or two are touched at once, to see how long that takes. It is freed by free() as ever.
// All other calls are the C library's own. Thread-safe.
//
// Links the C library alone: the hook, which every process of a program loads, is made of it too.

// Whether that can be done here: malloc is the C library's, which gives a large block back to the
// kernel when it is freed, so that nothing else comes to lie in it. Never under a sanitizer.
bool CanAskForHugePages();

// From the first call on until each has been ended; the last one's pace holds. Nothing where it
// cannot be done.
void BeginHugeAllocations(HugePace pace);
void EndHugeAllocations();

// Bytes that were asked for in huge pages by now, freed ones included. The kernel gives none where
// /sys/kernel/mm/transparent_hugepage/enabled says never.
uint64_t HugeAllocationBytes();

// The same for as long as it lives.
class HugeAllocations {
 public:
  explicit HugeAllocations(HugePace pace) { BeginHugeAllocations(pace); }
  ~HugeAllocations() { EndHugeAllocations(); }
  HugeAllocations(const HugeAllocations&) = delete;
  HugeAllocations& operator=(const HugeAllocations&) = delete;
};

}  // namespace tare

#endif  // TARE_HEAP_HUGE_ALLOCATIONS_H_
