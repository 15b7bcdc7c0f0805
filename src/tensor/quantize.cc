#include "tensor/quantize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "base/check.h"
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
    kEncoderOf<DType::kF32, EncodeF32>,   kEncoderOf<DType::kF16, EncodeF16>,
    kEncoderOf<DType::kBF16, EncodeBF16>, kEncoderOf<DType::kQ8_0, EncodeQ8_0>,
    kEncoderOf<DType::kQ4_0, EncodeQ4_0>, kEncoderOf<DType::kQ4_1, EncodeQ4_1>,
    kEncoderOf<DType::kQ5_0, EncodeQ5_0>, kEncoderOf<DType::kQ5_1, EncodeQ5_1>,
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
