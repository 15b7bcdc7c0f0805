#ifndef TARE_TOOLS_CONVERT_CONVERT_TYPES_H_
#define TARE_TOOLS_CONVERT_CONVERT_TYPES_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "tools/convert/convert.h"

namespace tare {

// The type that most matrices get: the requested one, else `precision`, the source's own, if the
// target has it.
//   Errors  InvalidInput for a block type outside GGUF.
Result<DType> MainType(const ConvertOptions& options, DType precision);

// Sets every tensor's type. Without a requested type each tensor keeps its own; f32 stays only
// where `main` would lose precision. With a requested type matrices get it, and outside GGUF all
// other tensors too. In GGUF, vectors and position tables are f32. If the type has blocks, matrices
// whose rows no blocks fit are f16, and the output matrix is at least q8_0.
//   notes  gets one line per such exception, and one about blocks that are quantised again.
void ChooseTypes(const ConvertOptions& options, DType main, const TensorConverter::Drop& drop,
                 std::vector<PlannedTensor>& tensors, std::vector<std::string>& notes);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_TYPES_H_
