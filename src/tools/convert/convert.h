#ifndef TARE_TOOLS_CONVERT_CONVERT_H_
#define TARE_TOOLS_CONVERT_CONVERT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "describe/model_format.h"
#include "tensor/dtype.h"
#include "tools/convert/convert_tensor.h"

namespace tare {

struct ConvertOptions {
  ModelFormat to = ModelFormat::kGguf;
  // Of the matrices. None: the source's own, where the target can hold it, else f32
  // (docs/convert.md).
  std::optional<DType> type = {};
  bool replace = false;  // what is there under the target's name
};

struct ConvertSummary {
  std::string family;  // Family::name
  size_t tensors = 0;
  uint64_t source_bytes = 0;  // of weights, as stored; a tied tensor counts once
  uint64_t target_bytes = 0;
  std::vector<size_t> tensors_by_type;  // in the order of kAllDTypes
  Rounding rounding;                    // values that are not bit for bit those of the source
  std::vector<std::string> notes;       // what a user should know of what changed
};

// "keras", "hf", "gguf". Errors: InvalidInput for another name.
Result<ModelFormat> ModelFormatFromName(std::string_view name);
// The types that matrices are written in, in the order of DType; blocks in GGUF only.
std::vector<DType> WritableTypes();
// "f32", "q8_0", …. Errors: InvalidInput for a name of none of them.
Result<DType> WritableTypeFromName(std::string_view name);

// Writes the model at `in`, of any format, to `out` in another: weights, configuration, tokenizer.
// Tensors go through one at a time and in pieces, so that memory stays bounded (some 40 MiB and the
// tokenizer). `out` appears when it is whole, or not at all.
//   Errors  those of Model::Open and LoadTokenizer; Unsupported for what the target has no word
//           for; InvalidInput for a type that it cannot hold, or where something is there already;
//           Io.
Result<ConvertSummary> ConvertModel(const std::string& in, const std::string& out,
                                    const ConvertOptions& options);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_H_
