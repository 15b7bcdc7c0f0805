#include "bench/plan/smallest_limit.h"

#include <algorithm>

#include "base/units.h"

namespace tare {
namespace {

// The kernel rounds limits down to pages.
constexpr uint64_t kGranuleBytes = uint64_t{64} << 10;

uint64_t RoundUp(uint64_t bytes) {
  return (bytes + kGranuleBytes - 1) / kGranuleBytes * kGranuleBytes;
}

}  // namespace

Result<uint64_t> SmallestLimit(uint64_t start_bytes, double resolution,
                               const std::function<Result<bool>(uint64_t limit_bytes)>& fits) {
  uint64_t too_small = 0;
  uint64_t enough = RoundUp(std::max(start_bytes, kGranuleBytes));
  for (int growths = 0;; ++growths) {
    TARE_ASSIGN_OR_RETURN(const bool fit, fits(enough));
    if (fit) break;
    if (growths == kMaxGrowths) {
      return Unsupported("even {:.1f} MiB is too little", ToMib(enough));
    }
    too_small = enough;
    enough = RoundUp(enough + enough / 4);
  }
  while (static_cast<double>(enough - too_small) > resolution * static_cast<double>(enough)) {
    const uint64_t middle = RoundUp(too_small + (enough - too_small) / 2);
    if (middle == enough) break;
    TARE_ASSIGN_OR_RETURN(const bool fit, fits(middle));
    (fit ? enough : too_small) = middle;
  }
  return enough;
}

}  // namespace tare
