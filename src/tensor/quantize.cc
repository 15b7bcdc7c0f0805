#include "tensor/quantize.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <limits>

#include "base/check.h"
#include "tensor/block_encoders.h"
#include "tensor/half.h"
#include "tensor/little_endian.h"

namespace tare {
namespace {

constexpr size_t kBlock = 32;

// 1 / scale; 0 for a block of zeros.
float Inverse(float scale) { return scale == 0.0f ? 0.0f : 1.0f / scale; }

// The integer part, held to [low, high]; NaN, which a scale below the smallest normal number can
// bring about, becomes low.
int Truncate(float value, int low, int high) {
  if (!(value > static_cast<float>(low))) return low;
  return value < static_cast<float>(high) ? static_cast<int>(value) : high;
}

void StoreHalf(float value, std::byte* to) { StoreLittleEndian(FloatToFloat16(value), to); }

bool SmallerMagnitude(float a, float b) { return std::abs(a) < std::abs(b); }

void EncodeF32(const float* src, std::byte* to) { StoreLittleEndian(*src, to); }
void EncodeF16(const float* src, std::byte* to) { StoreHalf(*src, to); }
void EncodeBF16(const float* src, std::byte* to) { StoreLittleEndian(FloatToBFloat16(*src), to); }

// d = max |x| / 127, q = round(x / d). Here as below d and m are stored as f16, and q uses the
// exact ones.
void EncodeQ8_0(const float* src, std::byte* block) {
  const float scale = std::abs(*std::max_element(src, src + kBlock, SmallerMagnitude)) / 127.0f;
  const float inverse = Inverse(scale);
  StoreHalf(scale, block);
  for (size_t i = 0; i < kBlock; ++i) {
    const int quant = Truncate(std::round(src[i] * inverse), -127, 127);
    StoreLittleEndian(static_cast<int8_t>(quant), block + 2 + i);
  }
}

// Nibble i is the integer part of (src[i] - min) * inverse + offset.
void StoreNibbles(const float* src, float min, float inverse, float offset, std::byte* nibbles) {
  for (size_t i = 0; i < (kBlock / 2); ++i) {
    const int low = Truncate((src[i] - min) * inverse + offset, 0, 15);
    const int high = Truncate((src[i + (kBlock / 2)] - min) * inverse + offset, 0, 15);
    nibbles[i] = static_cast<std::byte>(low | (high << 4));
  }
}

// d = x* / -8, where x* has the largest magnitude; q = floor(x / d + 8.5) up to 15.
void EncodeQ4_0(const float* src, std::byte* block) {
  const float scale = *std::max_element(src, src + kBlock, SmallerMagnitude) / -8.0f;
  StoreHalf(scale, block);
  StoreNibbles(src, 0.0f, Inverse(scale), 8.5f, block + 2);
}

// m = min x, d = (max x - m) / 15, q = floor((x - m) / d + 0.5) up to 15.
void EncodeQ4_1(const float* src, std::byte* block) {
  const auto [min, max] = std::minmax_element(src, src + kBlock);
  const float scale = (*max - *min) / 15.0f;
  StoreHalf(scale, block);
  StoreHalf(*min, block + 2);
  StoreNibbles(src, *min, Inverse(scale), 0.5f, block + 4);
}

// Number i is the integer part of (src[i] - min) * inverse + offset; first all fifth bits, then the
// nibbles.
void StoreFiveBits(const float* src, float min, float inverse, float offset, std::byte* to) {
  uint32_t fifths = 0;
  std::byte nibbles[kBlock / 2] = {};
  for (size_t i = 0; i < kBlock; ++i) {
    const int quant = Truncate((src[i] - min) * inverse + offset, 0, 31);
    fifths |= static_cast<uint32_t>(quant >> 4) << i;
    nibbles[i % (kBlock / 2)] |= static_cast<std::byte>((quant & 0xf) << (i < kBlock / 2 ? 0 : 4));
  }
  StoreLittleEndian(fifths, to);
  std::copy(std::begin(nibbles), std::end(nibbles), to + sizeof(fifths));
}

// d = x* / -16, q = floor(x / d + 16.5) up to 31.
void EncodeQ5_0(const float* src, std::byte* block) {
  const float scale = *std::max_element(src, src + kBlock, SmallerMagnitude) / -16.0f;
  StoreHalf(scale, block);
  StoreFiveBits(src, 0.0f, Inverse(scale), 16.5f, block + 2);
}

// m = min x, d = (max x - m) / 31, q = floor((x - m) / d + 0.5) up to 31.
void EncodeQ5_1(const float* src, std::byte* block) {
  const auto [min, max] = std::minmax_element(src, src + kBlock);
  const float scale = (*max - *min) / 31.0f;
  StoreHalf(scale, block);
  StoreHalf(*min, block + 2);
  StoreFiveBits(src, *min, Inverse(scale), 0.5f, block + 4);
}

// Q6_K: groups of 16 have a scale each, a whole number of units; numbers have six bits, offset by
// 32. Scales and unit minimise the error weighted by magnitude: the sum of x² (x - y)².
constexpr size_t kGroup = 16;
constexpr size_t kGroups = 16;

int SixBits(float value, float inverse) { return Truncate(value * inverse + 32.5f, 0, 63); }

// The weighted error; stops early, with at least `bound`, if it reaches `bound`.
double WeightedError(const float* group, float step, double bound) {
  const float inverse = Inverse(step);
  double sum = 0;
  for (size_t i = 0; i < kGroup && sum < bound; ++i) {
    const float back = step * static_cast<float>(SixBits(group[i], inverse) - 32);
    const double error = static_cast<double>(group[i]) * static_cast<double>(group[i] - back);
    sum += error * error;
  }
  return sum;
}

struct GroupScales {
  float unit = 0.0f;
  std::array<int, kGroups> scales = {};
  double error = std::numeric_limits<double>::infinity();
};

// The best scale of a group is near the one at which its largest number becomes -32: at most as far
// as makes that -31 or -33. Returns the error with it.
double FitScale(const float* group, float unit, int& scale) {
  const float peak = *std::max_element(group, group + kGroup, SmallerMagnitude);
  const int nearest = Truncate(peak / -32.0f / unit + 128.5f, 0, 255) - 128;
  const int reach = 1 + std::abs(nearest) / 32;
  const auto error_with = [&](int k, double bound) {
    return WeightedError(group, unit * static_cast<float>(k), bound);
  };
  scale = nearest;
  double least = error_with(nearest, std::numeric_limits<double>::infinity());
  for (int k = std::max(nearest - reach, -128); k <= std::min(nearest + reach, 127); ++k) {
    const double error = error_with(k, least);
    if (!(error < least)) continue;
    scale = k;
    least = error;
  }
  return least;
}

// Takes the scales that go with a unit, if they lose less than the best so far.
void TryUnit(const float* src, float unit, GroupScales& best) {
  GroupScales fit = {.unit = unit, .error = 0};
  for (size_t i = 0; i < kGroups && fit.error < best.error; ++i) {
    fit.error += FitScale(src + i * kGroup, unit, fit.scales[i]);
  }
  if (fit.error < best.error) best = fit;
}

// A half, of which the largest number of a block is about 32 * scale, and not more than 32 * 128.
float UnitFor(float largest, float scale) {
  uint16_t bits = FloatToFloat16(largest / (32.0f * scale));
  // Small halves are far apart: the next one is large enough.
  if (std::abs(largest) > 32 * 128 * std::abs(Float16ToFloat(bits))) ++bits;
  return Float16ToFloat(bits);
}

void EncodeQ6_K(const float* src, std::byte* block) {
  constexpr size_t kElements = kGroup * kGroups;
  const float largest = *std::max_element(src, src + kElements, SmallerMagnitude);
  GroupScales best = {.unit = UnitFor(largest, 128.0f)};
  // Scales end at -128; below it there is room for a larger one than the nearest. Which unit is
  // best depends on the other groups.
  for (int scale = 128; largest != 0.0f && scale > 120; --scale) {
    TryUnit(src, UnitFor(largest, static_cast<float>(scale)), best);
  }
  std::fill_n(block, BlockBytes(DType::kQ6_K), std::byte{0});
  StoreHalf(best.unit, block + 208);
  for (size_t i = 0; i < kElements; ++i) {
    const int scale = best.scales[i / kGroup];
    const int q = SixBits(src[i], Inverse(best.unit * static_cast<float>(scale)));
    const size_t half = i / 128;
    block[half * 64 + i % 64] |= static_cast<std::byte>((q & 0xf) << (i % 128 / 64 * 4));
    block[128 + half * 32 + i % 32] |= static_cast<std::byte>((q >> 4) << (i % 128 / 32 * 2));
    block[192 + i / kGroup] = static_cast<std::byte>(scale);
  }
}

template <DType kType, void (*kEncodeBlock)(const float*, std::byte*)>
void EncodeEach(const float* src, size_t n, std::byte* dst) {
  for (size_t i = 0; i < n; i += BlockElements(kType)) {
    kEncodeBlock(src + i, dst);
    dst += BlockBytes(kType);
  }
}

struct Encoder {
  DType type;
  void (*row)(const float* src, size_t n, std::byte* dst);
};

template <DType kType, void (*kEncodeBlock)(const float*, std::byte*)>
constexpr Encoder kEncoderOf = {kType, EncodeEach<kType, kEncodeBlock>};

// The types that Tare writes.
constexpr Encoder kEncoders[] = {
    kEncoderOf<DType::kF32, EncodeF32>,       kEncoderOf<DType::kF16, EncodeF16>,
    kEncoderOf<DType::kBF16, EncodeBF16>,     kEncoderOf<DType::kQ8_0, EncodeQ8_0>,
    kEncoderOf<DType::kQ4_0, EncodeQ4_0>,     kEncoderOf<DType::kQ4_1, EncodeQ4_1>,
    kEncoderOf<DType::kQ5_0, EncodeQ5_0>,     kEncoderOf<DType::kQ5_1, EncodeQ5_1>,
    kEncoderOf<DType::kQ6_K, EncodeQ6_K>,     kEncoderOf<DType::kQ5_K, EncodeQ5_K>,
    kEncoderOf<DType::kQ4_K, EncodeQ4_K>,     kEncoderOf<DType::kQ3_K, EncodeQ3_K>,
    kEncoderOf<DType::kQ2_K, EncodeQ2_K>,     kEncoderOf<DType::kIQ4_NL, EncodeIQ4_NL>,
    kEncoderOf<DType::kIQ4_XS, EncodeIQ4_XS>, kEncoderOf<DType::kMXFP4, EncodeMXFP4>,
};

const Encoder* FindEncoder(DType type) {
  for (const Encoder& encoder : kEncoders) {
    if (encoder.type == type) return &encoder;
  }
  return nullptr;
}

}  // namespace

bool CanQuantize(DType type) { return FindEncoder(type) != nullptr; }

void QuantizeRow(DType type, const float* src, size_t n, std::byte* dst) {
  const Encoder* const encoder = FindEncoder(type);
  if (encoder == nullptr) {
    internal::CheckFailed(__FILE__, __LINE__,
                          fmt::format("nothing encodes weights as {}", DTypeName(type)));
  }
  TARE_CHECK_EQ(n % BlockElements(type), size_t{0});
  encoder->row(src, n, dst);
}

}  // namespace tare
