#include "tensor/dequantize.h"

#include <cstdint>
#include <cstring>

#include "base/check.h"
#include "tensor/half.h"
#include "tensor/little_endian.h"

namespace tare {
namespace {

constexpr size_t kHalfBlock = 16;

float LoadScale(const std::byte* from) { return Float16ToFloat(LoadLittleEndian<uint16_t>(from)); }

// x = d * q
void DequantizeQ8_0(const std::byte* block, float* dst) {
  const float scale = LoadScale(block);
  for (size_t i = 0; i < BlockElements(DType::kQ8_0); ++i) {
    dst[i] = scale * static_cast<float>(LoadLittleEndian<int8_t>(block + 2 + i));
  }
}

// x = d * (q + offset) + min, with q from 16 bytes of nibbles.
void DequantizeNibbles(const std::byte* nibbles, float scale, int offset, float min, float* dst) {
  for (size_t i = 0; i < kHalfBlock; ++i) {
    const int byte = std::to_integer<int>(nibbles[i]);
    dst[i] = scale * static_cast<float>((byte & 0xf) + offset) + min;
    dst[i + kHalfBlock] = scale * static_cast<float>((byte >> 4) + offset) + min;
  }
}

void DequantizeBlock(DType type, const std::byte* block, float* dst) {
  switch (type) {
    case DType::kF32:
      *dst = LoadLittleEndian<float>(block);
      return;
    case DType::kF16:
      *dst = Float16ToFloat(LoadLittleEndian<uint16_t>(block));
      return;
    case DType::kBF16:
      *dst = BFloat16ToFloat(LoadLittleEndian<uint16_t>(block));
      return;
    case DType::kQ8_0:
      DequantizeQ8_0(block, dst);
      return;
    case DType::kQ4_0:
      DequantizeNibbles(block + 2, LoadScale(block), -8, 0.0f, dst);
      return;
    case DType::kQ4_1:
      DequantizeNibbles(block + 4, LoadScale(block), 0, LoadScale(block + 2), dst);
      return;
    case DType::kI32:
      break;
  }
  TARE_CHECK(type != DType::kI32);
}

}  // namespace

void DequantizeRow(DType type, const std::byte* src, size_t n, float* dst) {
  const size_t block = BlockElements(type);
  TARE_CHECK_EQ(n % block, size_t{0});
  for (size_t i = 0; i < n; i += block) {
    DequantizeBlock(type, src, dst + i);
    src += BlockBytes(type);
  }
}

}  // namespace tare
