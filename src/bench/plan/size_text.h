#ifndef TARE_BENCH_PLAN_SIZE_TEXT_H_
#define TARE_BENCH_PLAN_SIZE_TEXT_H_

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace tare {

// "2GiB", "1.5 GiB", "512MiB", "100kB": KiB, MiB, GiB and TiB are powers of 1024; kB (KB), MB, GB
// and TB of 1000; B is bytes. The case of letters is
// free; the unit must be there.
//   Errors   InvalidInput: no number, not above 0, no or another unit, or 2^63 bytes and more.
Result<uint64_t> ParseSize(std::string_view text);

}  // namespace tare

#endif  // TARE_BENCH_PLAN_SIZE_TEXT_H_
