#ifndef TARE_FORMAT_GGUF_GGUF_TYPES_H_
#define TARE_FORMAT_GGUF_GGUF_TYPES_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "tensor/dtype.h"

namespace tare {

// Constants of the GGUF format, shared by its reader and its writer.
//   Source  the GGUF specification, version 3 (ggml, docs/gguf.md); version 2 has the same layout.

inline constexpr std::string_view kGgufMagic = "GGUF";
inline constexpr uint32_t kGgufVersion = 3;
inline constexpr std::string_view kGgufAlignmentKey = "general.alignment";
inline constexpr uint64_t kGgufDefaultAlignment = 32;
inline constexpr uint64_t kGgufMinAlignment = 8;
inline constexpr uint64_t kGgufMaxAlignment = 64 * 1024;
inline constexpr size_t kGgufMaxRank = 4;

// The type codes of metadata values, as stored.
enum class GgufValueType : uint32_t {
  kU8 = 0,
  kI8 = 1,
  kU16 = 2,
  kI16 = 3,
  kU32 = 4,
  kI32 = 5,
  kF32 = 6,
  kBool = 7,
  kString = 8,
  kArray = 9,
  kU64 = 10,
  kI64 = 11,
  kF64 = 12,
};

// The type code of a C++ type. Types that GGUF cannot store have no specialisation.
template <typename T>
inline constexpr GgufValueType kGgufValueTypeOf = T::no_such_gguf_type;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<uint8_t> = GgufValueType::kU8;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<int8_t> = GgufValueType::kI8;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<uint16_t> = GgufValueType::kU16;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<int16_t> = GgufValueType::kI16;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<uint32_t> = GgufValueType::kU32;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<int32_t> = GgufValueType::kI32;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<float> = GgufValueType::kF32;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<bool> = GgufValueType::kBool;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<uint64_t> = GgufValueType::kU64;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<int64_t> = GgufValueType::kI64;
template <>
inline constexpr GgufValueType kGgufValueTypeOf<double> = GgufValueType::kF64;

// nullopt for a code that the format does not define.
std::optional<GgufValueType> GgufValueTypeFromCode(uint32_t code);

// "u8", …, "string", "array"
std::string_view GgufValueTypeName(GgufValueType type);

// Bytes of a number or a bool; 0 for strings and arrays, whose size is stored with them.
size_t GgufFixedBytes(GgufValueType type);

// The name that ggml gives a tensor type: "F32", "Q6_K", …; nullopt for an unassigned code. A
// type that ggml has withdrawn keeps its name.
std::optional<std::string_view> GgmlTypeName(uint32_t code);

// nullopt for a type that Tare does not read.
std::optional<DType> DTypeFromGgml(uint32_t code);

// The types that Tare reads, for messages: "F32, F16, … or Q4_1".
std::string ReadableGgmlTypes();

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_GGUF_TYPES_H_
