#ifndef TARE_TENSOR_HALF_H_
#define TARE_TENSOR_HALF_H_

#include <bit>
#include <cstdint>

namespace tare {

// 16-bit floats as bit patterns. Widening is exact; narrowing rounds to nearest, ties to even,
// overflows to infinity and keeps a NaN a (quiet) NaN with the same sign.
//   Source  IEEE 754-2019 binary16; bfloat16 is the upper half of binary32.

constexpr float BFloat16ToFloat(uint16_t bits) {
  return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16);
}

constexpr uint16_t FloatToBFloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  constexpr uint32_t kInfinity = 0x7f800000;
  constexpr uint32_t kQuietBit = 0x40;
  if ((bits & 0x7fffffff) > kInfinity) return static_cast<uint16_t>((bits >> 16) | kQuietBit);
  const uint32_t is_odd = (bits >> 16) & 1;
  return static_cast<uint16_t>((bits + 0x7fff + is_odd) >> 16);
}

constexpr float Float16ToFloat(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16;
  const uint32_t exponent = (bits >> 10) & 0x1f;
  const uint32_t mantissa = bits & 0x3ff;
  if (exponent == 0) {
    // Zero and subnormals are multiples of 2^-24, which binary32 holds exactly.
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign);
  }
  const uint32_t wide_exponent = exponent == 0x1f ? 0xff : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide_exponent << 23) | (mantissa << 13));
}

constexpr uint16_t FloatToFloat16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint16_t sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  const uint32_t magnitude = bits & 0x7fffffff;
  constexpr uint32_t kInfinity = 0x7f800000;
  constexpr uint32_t kSmallestNormal = 0x38800000;  // 2^-14
  constexpr uint32_t kOverflow = 0x477ff000;        // 65520: halfway from the largest to the next
  constexpr uint16_t kHalfInfinity = 0x7c00;
  constexpr uint16_t kHalfQuietBit = 0x200;
  if (magnitude > kInfinity) {
    const uint16_t payload = static_cast<uint16_t>((magnitude >> 13) & 0x3ff);
    return static_cast<uint16_t>(sign | kHalfInfinity | kHalfQuietBit | payload);
  }
  if (magnitude >= kOverflow) return static_cast<uint16_t>(sign | kHalfInfinity);
  if (magnitude < kSmallestNormal) {
    // At 0.5 the spacing of binary32 is 2^-24, that of half subnormals: the addition rounds.
    const float shifted = std::bit_cast<float>(magnitude) + 0.5f;
    return static_cast<uint16_t>(
        sign | (std::bit_cast<uint32_t>(shifted) - std::bit_cast<uint32_t>(0.5f)));
  }
  const uint32_t is_odd = (magnitude >> 13) & 1;
  const uint32_t rebased = magnitude - ((127u - 15u) << 23);
  return static_cast<uint16_t>(sign | ((rebased + 0xfff + is_odd) >> 13));
}

}  // namespace tare

#endif  // TARE_TENSOR_HALF_H_
