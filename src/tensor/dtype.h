#ifndef TARE_TENSOR_DTYPE_H_
#define TARE_TENSOR_DTYPE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string_view>

namespace tare {

// How elements are stored. The types from kQ8_0 on are GGUF's: blocks of consecutive elements along
// the last axis. Their layouts are described at their decoders (tensor/dequantize.cc and
// tensor/block_decoders.cc) and in docs/formats.md.
enum class DType : uint8_t {
  kF32,
  kF16,
  kBF16,
  kI32,
  kQ8_0,
  kQ4_0,
  kQ4_1,
  kQ5_0,
  kQ5_1,
  kQ6_K,
  kQ5_K,
  kQ4_K,
  kQ3_K,
  kQ2_K,
  kIQ4_NL,
  kIQ4_XS,
  kMXFP4,
};

enum class DTypeKind : uint8_t {
  kFloat,    // weights and activations, one by one
  kInteger,  // token ids; no weights
  kBlocks,   // weights, quantised
};

// All facts about a type that code outside tensor/ needs. docs/adding_a_type.md shows how to add
// one.
struct DTypeRow {
  DType type;
  std::string_view name;  // in flags, reports and JSON
  DTypeKind kind;
  size_t block_elements;  // smallest number of elements that can be read on its own
  size_t block_bytes;
  // GGUF's codes for the type: for a tensor, and for a file in which most matrices have it
  // (general.file_type); of several such files, the one that llama.cpp assumes. Empty if Tare
  // stores no GGUF tensor in this type.
  std::optional<uint32_t> gguf_type;
  std::optional<uint32_t> gguf_file_type;
};

// In the order of DType.
inline constexpr DTypeRow kDTypeRows[] = {
    {DType::kF32, "f32", DTypeKind::kFloat, 1, 4, 0, 0},
    {DType::kF16, "f16", DTypeKind::kFloat, 1, 2, 1, 1},
    {DType::kBF16, "bf16", DTypeKind::kFloat, 1, 2, 30, 32},
    {DType::kI32, "i32", DTypeKind::kInteger, 1, 4, {}, {}},
    {DType::kQ8_0, "q8_0", DTypeKind::kBlocks, 32, 34, 8, 7},
    {DType::kQ4_0, "q4_0", DTypeKind::kBlocks, 32, 18, 2, 2},
    {DType::kQ4_1, "q4_1", DTypeKind::kBlocks, 32, 20, 3, 3},
    {DType::kQ5_0, "q5_0", DTypeKind::kBlocks, 32, 22, 6, 8},
    {DType::kQ5_1, "q5_1", DTypeKind::kBlocks, 32, 24, 7, 9},
    {DType::kQ6_K, "q6_k", DTypeKind::kBlocks, 256, 210, 14, 18},
    {DType::kQ5_K, "q5_k", DTypeKind::kBlocks, 256, 176, 13, 17},
    {DType::kQ4_K, "q4_k", DTypeKind::kBlocks, 256, 144, 12, 15},
    {DType::kQ3_K, "q3_k", DTypeKind::kBlocks, 256, 110, 11, 12},
    {DType::kQ2_K, "q2_k", DTypeKind::kBlocks, 256, 84, 10, 10},
    {DType::kIQ4_NL, "iq4_nl", DTypeKind::kBlocks, 32, 18, 20, 25},
    {DType::kIQ4_XS, "iq4_xs", DTypeKind::kBlocks, 256, 136, 23, 30},
    {DType::kMXFP4, "mxfp4", DTypeKind::kBlocks, 32, 17, 39, 38},
};

inline constexpr auto kAllDTypes = [] {
  std::array<DType, std::size(kDTypeRows)> types = {};
  for (size_t i = 0; i < types.size(); ++i) types[i] = kDTypeRows[i].type;
  return types;
}();

static_assert(
    [] {
      for (size_t i = 0; i < kAllDTypes.size(); ++i) {
        if (kAllDTypes[i] != static_cast<DType>(i)) return false;
      }
      return true;
    }(),
    "rows stand in the order of DType");

constexpr const DTypeRow& RowOf(DType type) { return kDTypeRows[static_cast<size_t>(type)]; }

constexpr size_t BlockElements(DType type) { return RowOf(type).block_elements; }
constexpr size_t BlockBytes(DType type) { return RowOf(type).block_bytes; }
// Bytes of whole blocks. Precondition: they fit size_t (checked by ByteSize).
constexpr size_t StoredBytes(DType type, size_t elements) {
  return elements / BlockElements(type) * BlockBytes(type);
}

constexpr bool IsBlockQuantized(DType type) { return RowOf(type).kind == DTypeKind::kBlocks; }
constexpr bool IsWeightType(DType type) { return RowOf(type).kind != DTypeKind::kInteger; }

constexpr std::string_view DTypeName(DType type) { return RowOf(type).name; }

}  // namespace tare

#endif  // TARE_TENSOR_DTYPE_H_
