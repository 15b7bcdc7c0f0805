#ifndef TARE_FORMAT_GGUF_GGML_SIZES_H_
#define TARE_FORMAT_GGUF_GGML_SIZES_H_

#include <cstdint>
#include <optional>

namespace tare {

// How a tensor type is stored: `bytes` for each run of `elements` along a row.
struct GgmlBlock {
  uint32_t elements = 0;
  uint32_t bytes = 0;
};

// Of every type that ggml defines, also of those whose numbers Tare cannot read: what a file weighs
// follows from it. nullopt for a code that is not assigned, or whose layout is no longer defined.
std::optional<GgmlBlock> GgmlBlockOf(uint32_t code);

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_GGML_SIZES_H_
