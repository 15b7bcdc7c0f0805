#ifndef TARE_BASE_UNITS_H_
#define TARE_BASE_UNITS_H_

#include <cstdint>

namespace tare {

// For showing bytes.
inline constexpr double kMib = 1 << 20;
inline constexpr double kGib = 1 << 30;
inline constexpr uint64_t kMebibyte = uint64_t{1} << 20;

inline double ToMib(uint64_t bytes) { return static_cast<double>(bytes) / kMib; }

}  // namespace tare

#endif  // TARE_BASE_UNITS_H_
