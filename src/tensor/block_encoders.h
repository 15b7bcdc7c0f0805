#ifndef TARE_TENSOR_BLOCK_ENCODERS_H_
#define TARE_TENSOR_BLOCK_ENCODERS_H_

#include <cstddef>

namespace tare {

// Encoders of one block each, for the table in quantize.cc. They search for scales (and minima)
// with a small weighted squared error; the weights are those by which ggml's own search goes.
//   src    [BlockElements of the type].
//   block  BlockBytes of the type.
void EncodeQ2_K(const float* src, std::byte* block);
void EncodeQ3_K(const float* src, std::byte* block);
void EncodeQ4_K(const float* src, std::byte* block);
void EncodeQ5_K(const float* src, std::byte* block);
void EncodeIQ4_NL(const float* src, std::byte* block);
void EncodeIQ4_XS(const float* src, std::byte* block);
void EncodeMXFP4(const float* src, std::byte* block);

}  // namespace tare

#endif  // TARE_TENSOR_BLOCK_ENCODERS_H_
