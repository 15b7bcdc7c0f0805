#include "tensor/dequantize.h"

#include <cstdint>
#include <iterator>

#include "base/check.h"
#include "tensor/block_decoders.h"
#include "tensor/block_layouts.h"
#include "tensor/half.h"
#include "tensor/little_endian.h"

namespace tare {
namespace {

constexpr size_t kHalfBlock = 16;

void DecodeF32(const std::byte* from, float* dst) { *dst = LoadLittleEndian<float>(from); }
void DecodeF16(const std::byte* from, float* dst) { *dst = LoadHalf(from); }
void DecodeBF16(const std::byte* from, float* dst) {
  *dst = BFloat16ToFloat(LoadLittleEndian<uint16_t>(from));
}

// d f16, q 32 × int8: x = d * q
void DecodeQ8_0(const std::byte* block, float* dst) {
  const float scale = LoadHalf(block);
  for (size_t i = 0; i < BlockElements(DType::kQ8_0); ++i) {
    dst[i] = scale * static_cast<float>(LoadLittleEndian<int8_t>(block + 2 + i));
  }
}

// x = d * (q + offset) + min. Nibble i < 16 is the low half of byte i, nibble i >= 16 the high half
// of byte i - 16.
void DecodeNibbles(const std::byte* nibbles, float scale, int offset, float min, float* dst) {
  for (size_t i = 0; i < kHalfBlock; ++i) {
    const int byte = std::to_integer<int>(nibbles[i]);
    dst[i] = scale * static_cast<float>((byte & 0xf) + offset) + min;
    dst[i + kHalfBlock] = scale * static_cast<float>((byte >> 4) + offset) + min;
  }
}

// d f16, q 32 nibbles: x = d * (q - 8)
void DecodeQ4_0(const std::byte* block, float* dst) {
  DecodeNibbles(block + 2, LoadHalf(block), -8, 0.0f, dst);
}

// d, m f16, q 32 nibbles: x = d * q + m
void DecodeQ4_1(const std::byte* block, float* dst) {
  DecodeNibbles(block + 4, LoadHalf(block), 0, LoadHalf(block + 2), dst);
}

// 32 numbers of five bits. Bit i of a u32 is the fifth bit of number i; the other four follow as
// nibbles, ordered as above.
void LoadFiveBits(const std::byte* from, int (&q)[2 * kHalfBlock]) {
  const uint32_t fifths = LoadLittleEndian<uint32_t>(from);
  for (size_t i = 0; i < kHalfBlock; ++i) {
    const int byte = std::to_integer<int>(from[sizeof(fifths) + i]);
    q[i] = (byte & 0xf) | static_cast<int>((fifths >> i & 1) << 4);
    q[i + kHalfBlock] = (byte >> 4) | static_cast<int>((fifths >> (i + kHalfBlock) & 1) << 4);
  }
}

// d f16, q 32 × 5 bits: x = d * (q - 16)
void DecodeQ5_0(const std::byte* block, float* dst) {
  const float scale = LoadHalf(block);
  int q[2 * kHalfBlock];
  LoadFiveBits(block + 2, q);
  for (size_t i = 0; i < std::size(q); ++i) dst[i] = scale * static_cast<float>(q[i] - 16);
}

// d, m f16, q 32 × 5 bits: x = d * q + m
void DecodeQ5_1(const std::byte* block, float* dst) {
  const float scale = LoadHalf(block);
  const float min = LoadHalf(block + 2);
  int q[2 * kHalfBlock];
  LoadFiveBits(block + 4, q);
  for (size_t i = 0; i < std::size(q); ++i) dst[i] = scale * static_cast<float>(q[i]) + min;
}

template <DType kType, void (*kDecodeBlock)(const std::byte*, float*)>
void DecodeEach(const std::byte* src, size_t n, float* dst) {
  for (size_t i = 0; i < n; i += BlockElements(kType)) {
    kDecodeBlock(src, dst + i);
    src += BlockBytes(kType);
  }
}

struct Decoder {
  DType type;
  void (*row)(const std::byte* src, size_t n, float* dst);
};

template <DType kType, void (*kDecodeBlock)(const std::byte*, float*)>
constexpr Decoder kDecoderOf = {kType, DecodeEach<kType, kDecodeBlock>};

constexpr Decoder kDecoders[] = {
    kDecoderOf<DType::kF32, DecodeF32>,       kDecoderOf<DType::kF16, DecodeF16>,
    kDecoderOf<DType::kBF16, DecodeBF16>,     kDecoderOf<DType::kQ8_0, DecodeQ8_0>,
    kDecoderOf<DType::kQ4_0, DecodeQ4_0>,     kDecoderOf<DType::kQ4_1, DecodeQ4_1>,
    kDecoderOf<DType::kQ5_0, DecodeQ5_0>,     kDecoderOf<DType::kQ5_1, DecodeQ5_1>,
    kDecoderOf<DType::kQ6_K, DecodeQ6_K>,     kDecoderOf<DType::kQ5_K, DecodeQ5_K>,
    kDecoderOf<DType::kQ4_K, DecodeQ4_K>,     kDecoderOf<DType::kQ3_K, DecodeQ3_K>,
    kDecoderOf<DType::kQ2_K, DecodeQ2_K>,     kDecoderOf<DType::kIQ4_NL, DecodeIQ4_NL>,
    kDecoderOf<DType::kIQ4_XS, DecodeIQ4_XS>, kDecoderOf<DType::kMXFP4, DecodeMXFP4>,
};

constexpr const Decoder* FindDecoder(DType type) {
  for (const Decoder& decoder : kDecoders) {
    if (decoder.type == type) return &decoder;
  }
  return nullptr;
}

static_assert(
    [] {
      for (const DType type : kAllDTypes) {
        if (IsWeightType(type) != (FindDecoder(type) != nullptr)) return false;
      }
      return true;
    }(),
    "every type of weights has a decoder");

}  // namespace

void DequantizeRow(DType type, const std::byte* src, size_t n, float* dst) {
  const Decoder* const decoder = FindDecoder(type);
  if (decoder == nullptr) {
    internal::CheckFailed(__FILE__, __LINE__,
                          fmt::format("nothing decodes weights of type {}", DTypeName(type)));
  }
  TARE_CHECK_EQ(n % BlockElements(type), size_t{0});
  decoder->row(src, n, dst);
}

}  // namespace tare
