#ifndef TARE_TENSOR_BLOCK_DECODERS_H_
#define TARE_TENSOR_BLOCK_DECODERS_H_

#include <cstddef>

namespace tare {

// Decoders of one block each, for the table in dequantize.cc; docs/formats.md describes the blocks.
//   block  BlockBytes of the type.
//   dst    [BlockElements of the type].
void DecodeQ2_K(const std::byte* block, float* dst);
void DecodeQ3_K(const std::byte* block, float* dst);
void DecodeQ4_K(const std::byte* block, float* dst);
void DecodeQ5_K(const std::byte* block, float* dst);
void DecodeQ6_K(const std::byte* block, float* dst);
void DecodeIQ4_NL(const std::byte* block, float* dst);
void DecodeIQ4_XS(const std::byte* block, float* dst);
void DecodeMXFP4(const std::byte* block, float* dst);

}  // namespace tare

#endif  // TARE_TENSOR_BLOCK_DECODERS_H_
