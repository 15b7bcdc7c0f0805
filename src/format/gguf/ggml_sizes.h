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

// The block of any type that ggml defines, even if Tare cannot read its numbers; it gives a
// tensor's size in bytes. nullopt for an unassigned code, or one whose layout is no longer defined.
std::optional<GgmlBlock> GgmlBlockOf(uint32_t code);

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_GGML_SIZES_H_
