#ifndef TARE_TENSOR_DTYPE_H_
#define TARE_TENSOR_DTYPE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace tare {

// How elements are stored. The Q types are GGUF's: blocks of 32 consecutive elements along the last
// axis, little-endian, f16 scales:
//   Q8_0  34 bytes: d, 32 × int8;              x = d * q
//   Q4_0  18 bytes: d, 16 bytes of nibbles;    x = d * (q - 8)
//   Q4_1  20 bytes: d, m, 16 bytes of nibbles; x = d * q + m
// Element i < 16 of a block is the low nibble of byte i, element i >= 16 the high nibble of byte i
// - 16.
enum class DType : uint8_t { kF32, kF16, kBF16, kI32, kQ8_0, kQ4_0, kQ4_1 };

inline constexpr DType kAllDTypes[] = {DType::kF32,  DType::kF16,  DType::kBF16, DType::kI32,
                                       DType::kQ8_0, DType::kQ4_0, DType::kQ4_1};

// Elements in a block: 1, or 32 for the Q types.
constexpr size_t BlockElements(DType type) { return type >= DType::kQ8_0 ? 32 : 1; }

// Bytes of a block (of an element where a block is one element).
constexpr size_t BlockBytes(DType type) {
  switch (type) {
    case DType::kF32:
    case DType::kI32:
      return 4;
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kQ8_0:
      return 34;
    case DType::kQ4_0:
      return 18;
    case DType::kQ4_1:
      return 20;
  }
  return 0;
}

constexpr bool IsBlockQuantized(DType type) { return BlockElements(type) > 1; }

// "f32", "f16", "bf16", "i32", "q8_0", "q4_0", "q4_1"
constexpr std::string_view DTypeName(DType type) {
  switch (type) {
    case DType::kF32:
      return "f32";
    case DType::kF16:
      return "f16";
    case DType::kBF16:
      return "bf16";
    case DType::kI32:
      return "i32";
    case DType::kQ8_0:
      return "q8_0";
    case DType::kQ4_0:
      return "q4_0";
    case DType::kQ4_1:
      return "q4_1";
  }
  return "unknown";
}

}  // namespace tare

#endif  // TARE_TENSOR_DTYPE_H_
