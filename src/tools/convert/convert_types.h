#ifndef TARE_TOOLS_CONVERT_CONVERT_TYPES_H_
#define TARE_TOOLS_CONVERT_CONVERT_TYPES_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "models/model_part.h"
#include "tools/convert/convert.h"

namespace tare {

// The type that most matrices get: the requested one, else `precision`, the source's own, if the
// target has it.
//   Errors  InvalidInput for a block type outside GGUF.
Result<DType> MainType(const ConvertOptions& options, DType precision);

// What a mix needs to know of the planned tensors. Names and shapes must be GGUF's.
MixFacts FactsOf(const ModelSizes& sizes, const std::vector<PlannedTensor>& tensors);

// Sets every tensor's type. Without a requested type each tensor keeps its own; f32 stays only
// where `main` would lose precision. With one, matrices get what its mix gives them in GGUF
// (MixedType), and outside GGUF all tensors its base. In GGUF, vectors, position tables and what
// the mix leaves as it is are f32.
//   sizes  of the model.
//   notes  gets a line about rows that blocks do not fit, and one about blocks that are quantised
//          again.
void ChooseTypes(const ConvertOptions& options, const ModelSizes& sizes, DType main,
                 const TensorConverter::Drop& drop, std::vector<PlannedTensor>& tensors,
                 std::vector<std::string>& notes);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_TYPES_H_
