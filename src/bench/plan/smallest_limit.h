#ifndef TARE_BENCH_PLAN_SMALLEST_LIMIT_H_
#define TARE_BENCH_PLAN_SMALLEST_LIMIT_H_

#include <cstdint>
#include <functional>

#include "base/error.h"

namespace tare {

// The smallest limit that fits, within `resolution` (a share of it) from above. Whatever is larger
// than a limit that fits is taken to fit too.
//   start_bytes   where to look first; grown by a quarter, at most kMaxGrowths times, until it fits
//   fits          tries one limit; its errors end the search
//   Errors        Unsupported when even the largest limit tried does not fit.
inline constexpr int kMaxGrowths = 6;
Result<uint64_t> SmallestLimit(uint64_t start_bytes, double resolution,
                               const std::function<Result<bool>(uint64_t limit_bytes)>& fits);

}  // namespace tare

#endif  // TARE_BENCH_PLAN_SMALLEST_LIMIT_H_
