#include "format/gguf/gguf_types.h"

#include <fmt/ranges.h>

#include <vector>

namespace tare {
namespace {

struct ValueTypeFacts {
  std::string_view name;
  size_t bytes;
};

// Indexed by the stored code.
constexpr ValueTypeFacts kValueTypes[] = {
    {"u8", 1},   {"i8", 1},     {"u16", 2},   {"i16", 2}, {"u32", 4}, {"i32", 4}, {"f32", 4},
    {"bool", 1}, {"string", 0}, {"array", 0}, {"u64", 8}, {"i64", 8}, {"f64", 8},
};

// Indexed by the stored code; those that ggml has withdrawn have names, but no size
// (ggml_sizes.cc).
constexpr std::string_view kGgmlTypes[] = {
    "F32",   "F16",        "Q4_0",       "Q4_1",       "Q4_2",     "Q4_3",     "Q5_0",
    "Q5_1",  "Q8_0",       "Q8_1",       "Q2_K",       "Q3_K",     "Q4_K",     "Q5_K",
    "Q6_K",  "Q8_K",       "IQ2_XXS",    "IQ2_XS",     "IQ3_XXS",  "IQ1_S",    "IQ4_NL",
    "IQ3_S", "IQ2_S",      "IQ4_XS",     "I8",         "I16",      "I32",      "I64",
    "F64",   "IQ1_M",      "BF16",       "Q4_0_4_4",   "Q4_0_4_8", "Q4_0_8_8", "TQ1_0",
    "TQ2_0", "IQ4_NL_4_4", "IQ4_NL_4_8", "IQ4_NL_8_8", "MXFP4",    "NVFP4",    "Q1_0",
    "Q2_0",
};

}  // namespace

std::optional<GgufValueType> GgufValueTypeFromCode(uint32_t code) {
  if (code >= std::size(kValueTypes)) return std::nullopt;
  return static_cast<GgufValueType>(code);
}

std::string_view GgufValueTypeName(GgufValueType type) {
  return kValueTypes[static_cast<size_t>(type)].name;
}

size_t GgufFixedBytes(GgufValueType type) { return kValueTypes[static_cast<size_t>(type)].bytes; }

std::optional<std::string_view> GgmlTypeName(uint32_t code) {
  if (code >= std::size(kGgmlTypes) || kGgmlTypes[code].empty()) return std::nullopt;
  return kGgmlTypes[code];
}

std::optional<DType> DTypeFromGgml(uint32_t code) {
  for (const DTypeRow& row : kDTypeRows) {
    if (row.gguf_type == code) return row.type;
  }
  return std::nullopt;
}

std::string ReadableGgmlTypes() {
  std::vector<std::string_view> names;
  for (const DTypeRow& row : kDTypeRows) {
    if (row.gguf_type) names.push_back(*GgmlTypeName(*row.gguf_type));
  }
  const std::string_view last = names.back();
  names.pop_back();
  return fmt::format("{} or {}", fmt::join(names, ", "), last);
}

}  // namespace tare
