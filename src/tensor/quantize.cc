#include "tensor/quantize.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

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

void QuantizeQ8_0(const float* src, std::byte* block) {
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

void QuantizeQ4_0(const float* src, std::byte* block) {
  const float scale = *std::max_element(src, src + kBlock, SmallerMagnitude) / -8.0f;
  StoreHalf(scale, block);
  StoreNibbles(src, 0.0f, Inverse(scale), 8.5f, block + 2);
}

void QuantizeQ4_1(const float* src, std::byte* block) {
  const auto [min, max] = std::minmax_element(src, src + kBlock);
  const float scale = (*max - *min) / 15.0f;
  StoreHalf(scale, block);
  StoreHalf(*min, block + 2);
  StoreNibbles(src, *min, Inverse(scale), 0.5f, block + 4);
}

void QuantizeBlock(DType type, const float* src, std::byte* block) {
  switch (type) {
    case DType::kF32:
      StoreLittleEndian(*src, block);
      return;
    case DType::kF16:
      StoreHalf(*src, block);
      return;
    case DType::kBF16:
      StoreLittleEndian(FloatToBFloat16(*src), block);
      return;
    case DType::kQ8_0:
      QuantizeQ8_0(src, block);
      return;
    case DType::kQ4_0:
      QuantizeQ4_0(src, block);
      return;
    case DType::kQ4_1:
      QuantizeQ4_1(src, block);
      return;
    case DType::kI32:
      break;
  }
  TARE_CHECK(type != DType::kI32);
}

}  // namespace

void QuantizeRow(DType type, const float* src, size_t n, std::byte* dst) {
  const size_t block = BlockElements(type);
  TARE_CHECK_EQ(n % block, size_t{0});
  for (size_t i = 0; i < n; i += block) {
    QuantizeBlock(type, src + i, dst);
    dst += BlockBytes(type);
  }
}

}  // namespace tare
