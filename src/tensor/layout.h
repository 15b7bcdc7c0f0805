#ifndef TARE_TENSOR_LAYOUT_H_
#define TARE_TENSOR_LAYOUT_H_

#include <cstdint>

namespace tare {

// How a weight matrix is stored; neither layout is ever transposed. N outputs, K inputs.
enum class WeightLayout : uint8_t {
  kOutIn,  // [N, K]: GGUF, Hugging Face
  kInOut,  // [K, N]: Keras; F32, F16 and BF16 only
};

// Which two elements of a head rotary embedding rotates together. D elements per head.
enum class RopePairing : uint8_t {
  kHalf,         // i and i + D/2: Hugging Face's rotate_half, Keras
  kInterleaved,  // 2i and 2i + 1: some architectures in GGUF
};

}  // namespace tare

#endif  // TARE_TENSOR_LAYOUT_H_
