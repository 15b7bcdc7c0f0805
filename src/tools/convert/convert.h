#ifndef TARE_TOOLS_CONVERT_CONVERT_H_
#define TARE_TOOLS_CONVERT_CONVERT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "describe/model_format.h"
#include "tensor/dtype.h"
#include "tools/convert/convert_tensor.h"
#include "tools/convert/type_mix.h"

namespace tare {

struct ConvertOptions {
  ModelFormat to = ModelFormat::kGguf;
  // Types of the matrices, by the mix's rules. nullptr: the source's own if the target can hold
  // them, else f32 (docs/convert.md).
  const TypeMix* type = nullptr;
  bool replace = false;  // replace existing output
};

struct ConvertSummary {
  std::string family;  // Family::name; from GGUF to GGUF what the file calls its architecture
  size_t tensors = 0;
  uint64_t source_bytes = 0;  // of weights, as stored; a tied tensor counts once
  uint64_t target_bytes = 0;
  std::vector<size_t> tensors_by_type;  // in the order of kAllDTypes
  Rounding rounding;                    // values that differ from the source's
  std::vector<std::string> notes;       // what the user should know about changes
};

// "keras", "hf", "gguf". Errors: InvalidInput for another name.
Result<ModelFormat> ModelFormatFromName(std::string_view name);

// Converts the model at `in`, of any format, to `out` in another: weights, configuration,
// tokenizer. From GGUF to GGUF only element types change, and the architecture may be any. Converts
// tensors one at a time and in pieces, so that memory stays bounded (some 40 MiB and the
// tokenizer). `out` appears complete or not at all.
//   Errors  those of Model::Open and LoadTokenizer; Unsupported for what the target cannot express;
//           InvalidInput for a type that it cannot hold, or if the output exists; Io.
Result<ConvertSummary> ConvertModel(const std::string& in, const std::string& out,
                                    const ConvertOptions& options);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_H_
