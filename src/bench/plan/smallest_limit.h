#ifndef TARE_BENCH_PLAN_SMALLEST_LIMIT_H_
#define TARE_BENCH_PLAN_SMALLEST_LIMIT_H_

#include <cstdint>
#include <functional>

#include "base/error.h"

namespace tare {

// Returns the smallest limit that fits, too large by at most `resolution` (a share of it). Assumes
// that every limit above one that fits also fits.
//   start_bytes   first limit to try; grown by a quarter up to kMaxGrowths times until it fits
//   fits          tries one limit; an error ends the search
//   Errors        Unsupported if even the largest limit tried does not fit.
inline constexpr int kMaxGrowths = 6;
Result<uint64_t> SmallestLimit(uint64_t start_bytes, double resolution,
                               const std::function<Result<bool>(uint64_t limit_bytes)>& fits);

}  // namespace tare

#endif  // TARE_BENCH_PLAN_SMALLEST_LIMIT_H_
