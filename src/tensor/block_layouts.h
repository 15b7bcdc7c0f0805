#ifndef TARE_TENSOR_BLOCK_LAYOUTS_H_
#define TARE_TENSOR_BLOCK_LAYOUTS_H_

#include <cstddef>
#include <cstdint>

#include "tensor/half.h"
#include "tensor/little_endian.h"

namespace tare {

// What decoders and encoders of blocks share. `packed` is the start of the scales in a block.

inline constexpr size_t kSuperBlock = 256;  // numbers in a block of the types named …_K, and IQ4_XS

inline float LoadHalf(const std::byte* from) {
  return Float16ToFloat(LoadLittleEndian<uint16_t>(from));
}

// The sixteen values of a nibble in IQ4_NL and IQ4_XS.
inline constexpr int kIq4Levels[16] = {-127, -104, -83, -65, -49, -35, -22, -10,
                                       1,    13,   25,  38,  53,  69,  89,  113};

// Twice the sixteen values of an E2M1 number: a sign, two bits of exponent, one of mantissa.
inline constexpr int kMxfp4Levels[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// Q4_K and Q5_K: eight groups, each with a scale and a minimum of six bits, in twelve bytes. The
// first four of either have a byte each, whose upper two bits belong to the other four; the last
// four bytes hold the lower four bits of those, scale and minimum in one byte.
struct ScaleAndMin {
  int scale = 0;
  int min = 0;
};

inline ScaleAndMin LoadScaleAndMin(const std::byte* packed, size_t group) {
  const auto at = [packed](size_t i) { return std::to_integer<int>(packed[i]); };
  if (group < 4) return {at(group) & 63, at(group + 4) & 63};
  const int lower = at(group + 4);
  return {(lower & 15) | (at(group - 4) >> 6 << 4), (lower >> 4) | (at(group) >> 6 << 4)};
}

// Into bytes that were zero.
inline void StoreScaleAndMin(ScaleAndMin value, size_t group, std::byte* packed) {
  if (group < 4) {
    packed[group] |= static_cast<std::byte>(value.scale);
    packed[group + 4] |= static_cast<std::byte>(value.min);
    return;
  }
  packed[group + 4] = static_cast<std::byte>((value.scale & 15) | (value.min & 15) << 4);
  packed[group - 4] |= static_cast<std::byte>(value.scale >> 4 << 6);
  packed[group] |= static_cast<std::byte>(value.min >> 4 << 6);
}

// Q3_K: sixteen scales of six bits, stored plus 32, in twelve bytes. Scales eight apart share one
// of the first eight bytes (four lower bits each), scales four apart one of the last four.
inline int LoadQ3Scale(const std::byte* packed, size_t group) {
  const int lower = std::to_integer<int>(packed[group % 8]) >> (group / 8 * 4) & 15;
  const int upper = std::to_integer<int>(packed[8 + group % 4]) >> (group / 4 * 2) & 3;
  return (lower | upper << 4) - 32;
}

// Into bytes that were zero.
inline void StoreQ3Scale(int scale, size_t group, std::byte* packed) {
  const int stored = scale + 32;
  packed[group % 8] |= static_cast<std::byte>((stored & 15) << (group / 8 * 4));
  packed[8 + group % 4] |= static_cast<std::byte>(stored >> 4 << (group / 4 * 2));
}

// IQ4_XS: eight scales of six bits, stored plus 32: the upper two of each in a u16, then nibbles.
inline int LoadIq4Scale(const std::byte* packed, size_t group) {
  const int upper = LoadLittleEndian<uint16_t>(packed) >> (2 * group) & 3;
  const int lower = std::to_integer<int>(packed[2 + group / 2]) >> (group % 2 * 4) & 15;
  return (lower | upper << 4) - 32;
}

// Into bytes that were zero.
inline void StoreIq4Scale(int scale, size_t group, std::byte* packed) {
  const int stored = scale + 32;
  packed[group / 4] |= static_cast<std::byte>(stored >> 4 << (group % 4 * 2));
  packed[2 + group / 2] |= static_cast<std::byte>((stored & 15) << (group % 2 * 4));
}

// Q2_K and Q3_K: 256 numbers of two bits. Each half of the block has 32 bytes, in which numbers 32
// apart share one, from the lowest bits up.
struct TwoBitPlace {
  size_t byte;
  size_t shift;
};
inline TwoBitPlace PlaceOfTwoBits(size_t i) {
  return {.byte = i / 128 * 32 + i % 32, .shift = i % 128 / 32 * 2};
}

}  // namespace tare

#endif  // TARE_TENSOR_BLOCK_LAYOUTS_H_
