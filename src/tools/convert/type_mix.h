#ifndef TARE_TOOLS_CONVERT_TYPE_MIX_H_
#define TARE_TOOLS_CONVERT_TYPE_MIX_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// A recipe for the types of a GGUF file's tensors: most matrices get `base`, and those that matter
// more a wider type (type_mix.cc).
struct TypeMix {
  std::string_view name;  // "q4_k_m"; of --type
  DType base;
  uint32_t file_type;  // GGUF's general.file_type
};

// All that there are: types by themselves, and llama.cpp's standard mixes.
std::span<const TypeMix> TypeMixes();

// nullptr if there is none of that name. "q5_k", "q4_k" and "q3_k" are short for the _m mixes.
const TypeMix* FindTypeMix(std::string_view name);

//   Errors  InvalidInput for a name of none of them.
Result<const TypeMix*> TypeMixFromName(std::string_view name);

// What a mix needs to know of a model. Names are GGUF's; shapes are row-major, as GgufFile has
// them.
class MixFacts {
 public:
  //   layers, heads, kv_heads  of the model; kv_heads of its first layer with attention.
  MixFacts(size_t layers, size_t heads, size_t kv_heads)
      : layers_(layers), heads_(heads), kv_heads_(kv_heads) {}

  // Each tensor of the model, in any order, before types are asked for.
  void Add(std::string_view name, const Shape& shape);

  size_t layers() const { return layers_; }
  size_t heads_per_kv() const { return kv_heads_ == 0 ? 0 : heads_ / kv_heads_; }
  size_t experts() const { return experts_; }
  bool is_tied() const { return is_tied_; }  // no output matrix but the token embedding
  // Layers with a value projection; in some models not every layer has attention.
  const std::vector<size_t>& attention_layers() const { return attention_layers_; }

 private:
  size_t layers_;
  size_t heads_;
  size_t kv_heads_;
  size_t experts_ = 0;
  bool is_tied_ = true;
  std::vector<size_t> attention_layers_;  // in order
};

// The type that a mix gives a tensor, as llama.cpp's quantiser picks it without an importance
// matrix; nullopt: the tensor keeps its own type (vectors, norms, routers and other small ones). A
// row that is no whole number of blocks gets a type of smaller blocks, or f16. Falcon's exceptions
// are left out.
//   name   in GGUF; nothing else is known of the tensor's role.
//   shape  row-major: the last dimension is that of a row.
std::optional<DType> MixedType(const TypeMix& mix, const MixFacts& facts, std::string_view name,
                               const Shape& shape);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_TYPE_MIX_H_
