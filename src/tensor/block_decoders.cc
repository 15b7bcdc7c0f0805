#include "tensor/block_decoders.h"

#include <cmath>
#include <cstdint>

#include "tensor/block_layouts.h"

namespace tare {
namespace {

// 16 bytes of nibbles, to scale * levels[nibble]. Nibble i < 16 is the low half of byte i, nibble
// i >= 16 the high half of byte i - 16.
void DecodeLevels(const std::byte* nibbles, float scale, const int (&levels)[16], float* dst) {
  for (size_t i = 0; i < 16; ++i) {
    const int byte = std::to_integer<int>(nibbles[i]);
    dst[i] = scale * static_cast<float>(levels[byte & 15]);
    dst[i + 16] = scale * static_cast<float>(levels[byte >> 4]);
  }
}

int TwoBits(const std::byte* from, size_t i) {
  const TwoBitPlace place = PlaceOfTwoBits(i);
  return std::to_integer<int>(from[place.byte]) >> place.shift & 3;
}

// A number of Q4_K, or the lower four bits of one of Q5_K: numbers 32 apart share a byte.
int FourBits(const std::byte* from, size_t i) {
  return std::to_integer<int>(from[i / 64 * 32 + i % 32]) >> (i % 64 / 32 * 4) & 15;
}

}  // namespace

// 16 bytes of scale (low nibble) and minimum (high), 256 numbers of two bits, d f16, m f16:
// x = (d * scale) * q - m * min, with a scale and a minimum for each 16.
void DecodeQ2_K(const std::byte* block, float* dst) {
  const float unit = LoadHalf(block + 80);
  const float min_unit = LoadHalf(block + 82);
  for (size_t group = 0; group < 16; ++group) {
    const int packed = std::to_integer<int>(block[group]);
    const float step = unit * static_cast<float>(packed & 15);
    const float low = min_unit * static_cast<float>(packed >> 4);
    for (size_t i = 16 * group; i < 16 * (group + 1); ++i) {
      dst[i] = step * static_cast<float>(TwoBits(block + 16, i)) - low;
    }
  }
}

// 32 bytes of third bits (bit j of byte i belongs to number 32 j + i), 256 numbers of two bits, 16
// scales of six, d f16: x = (d * scale) * (q - 4), with a scale for each 16.
void DecodeQ3_K(const std::byte* block, float* dst) {
  const float unit = LoadHalf(block + 108);
  for (size_t group = 0; group < 16; ++group) {
    const float step = unit * static_cast<float>(LoadQ3Scale(block + 96, group));
    for (size_t i = 16 * group; i < 16 * (group + 1); ++i) {
      const int third = std::to_integer<int>(block[i % 32]) >> (i / 32) & 1;
      const int q = TwoBits(block + 32, i) | third << 2;
      dst[i] = step * static_cast<float>(q - 4);
    }
  }
}

// d f16, m f16, 8 scales and minima of six bits, 256 nibbles: x = (d * scale) * q - m * min, with a
// scale and a minimum for each 32.
void DecodeQ4_K(const std::byte* block, float* dst) {
  const float unit = LoadHalf(block);
  const float min_unit = LoadHalf(block + 2);
  for (size_t group = 0; group < 8; ++group) {
    const auto [scale, min] = LoadScaleAndMin(block + 4, group);
    const float step = unit * static_cast<float>(scale);
    const float low = min_unit * static_cast<float>(min);
    for (size_t i = 32 * group; i < 32 * (group + 1); ++i) {
      dst[i] = step * static_cast<float>(FourBits(block + 16, i)) - low;
    }
  }
}

// As Q4_K, with 32 bytes of fifth bits before the nibbles: bit j of byte i belongs to number
// 32 j + i.
void DecodeQ5_K(const std::byte* block, float* dst) {
  const float unit = LoadHalf(block);
  const float min_unit = LoadHalf(block + 2);
  for (size_t group = 0; group < 8; ++group) {
    const auto [scale, min] = LoadScaleAndMin(block + 4, group);
    const float step = unit * static_cast<float>(scale);
    const float low = min_unit * static_cast<float>(min);
    for (size_t i = 32 * group; i < 32 * (group + 1); ++i) {
      const int fifth = std::to_integer<int>(block[16 + i % 32]) >> group & 1;
      const int q = FourBits(block + 48, i) | fifth << 4;
      dst[i] = step * static_cast<float>(q) - low;
    }
  }
}

// The low four bits of 256 numbers of six, the high two, 16 scales int8, d f16:
// x = (d * scale) * (q - 32), with a scale for each 16. Either half of a block has 64 bytes of low
// bits, in which numbers 64 apart share one, and 32 bytes of high bits, in which numbers 32 apart
// share one.
void DecodeQ6_K(const std::byte* block, float* dst) {
  constexpr size_t kPerScale = 16;
  const float unit = LoadHalf(block + 208);
  for (size_t i = 0; i < kSuperBlock; i += kPerScale) {
    const size_t half = i / 128;
    const std::byte* const low = block + half * 64 + i % 64;
    const std::byte* const high = block + 128 + half * 32 + i % 32;
    const size_t low_shift = i % 128 / 64 * 4;
    const size_t high_shift = i % 128 / 32 * 2;
    const int8_t scale = LoadLittleEndian<int8_t>(block + 192 + i / kPerScale);
    const float step = unit * static_cast<float>(scale);
    for (size_t j = 0; j < kPerScale; ++j) {
      const int q = std::to_integer<int>((low[j] >> low_shift) & std::byte{0xf}) |
                    std::to_integer<int>((high[j] >> high_shift) & std::byte{3}) << 4;
      dst[i + j] = step * static_cast<float>(q - 32);
    }
  }
}

// d f16, 32 nibbles: x = d * level of the nibble
void DecodeIQ4_NL(const std::byte* block, float* dst) {
  DecodeLevels(block + 2, LoadHalf(block), kIq4Levels, dst);
}

// d f16, 8 scales of six bits, 8 × 32 nibbles: x = (d * scale) * level of the nibble, with a scale
// for each 32.
void DecodeIQ4_XS(const std::byte* block, float* dst) {
  const float unit = LoadHalf(block);
  for (size_t group = 0; group < 8; ++group) {
    const float step = unit * static_cast<float>(LoadIq4Scale(block + 2, group));
    DecodeLevels(block + 8 + 16 * group, step, kIq4Levels, dst + 32 * group);
  }
}

// An exponent e of eight bits, 32 nibbles, each an E2M1 number: x = 2^(e - 127) * number. The
// levels are doubled, hence 128. No e is infinity or NaN.
void DecodeMXFP4(const std::byte* block, float* dst) {
  const float scale = std::ldexp(1.0f, std::to_integer<int>(block[0]) - 128);
  DecodeLevels(block + 1, scale, kMxfp4Levels, dst);
}

}  // namespace tare
