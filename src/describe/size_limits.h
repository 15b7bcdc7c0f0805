#ifndef TARE_DESCRIBE_SIZE_LIMITS_H_
#define TARE_DESCRIBE_SIZE_LIMITS_H_

#include <cstdint>

namespace tare {

// Far beyond any model, far below what could overflow a product of a few of them.
inline constexpr uint64_t kMaxModelSize = uint64_t{1} << 24;
inline constexpr uint64_t kMaxModelLayers = 4096;

}  // namespace tare

#endif  // TARE_DESCRIBE_SIZE_LIMITS_H_
