#ifndef TARE_BENCH_PLAN_SIZE_TEXT_H_
#define TARE_BENCH_PLAN_SIZE_TEXT_H_

#include <cstdint>
#include <string_view>

#include "base/error.h"

namespace tare {

// Parses "2GiB", "1.5 GiB", "512MiB", "100kB". KiB, MiB, GiB and TiB are powers of 1024; kB (KB),
// MB, GB and TB are powers of 1000; B is bytes. Case does not matter; the unit is required.
//   Errors   InvalidInput: no number, not above 0, no unit or an unknown one, or 2^63 bytes or
//            more.
Result<uint64_t> ParseSize(std::string_view text);

}  // namespace tare

#endif  // TARE_BENCH_PLAN_SIZE_TEXT_H_
