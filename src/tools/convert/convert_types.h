#ifndef TARE_TOOLS_CONVERT_CONVERT_TYPES_H_
#define TARE_TOOLS_CONVERT_CONVERT_TYPES_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "tools/convert/convert.h"

namespace tare {

// The type that most matrices get: what is asked for, else `precision`, the source's own, where the
// target has it.
//   Errors  InvalidInput for a block type outside GGUF.
Result<DType> MainType(const ConvertOptions& options, DType precision);

// Sets every tensor's type. Without a type asked for, each keeps its own, f32 only where it would
// lose by `main`; with one, matrices get it, and outside GGUF all others too. In GGUF vectors and
// position tables are f32, and where the type is one of blocks, rows that no blocks fit are f16,
// and the output matrix is at least q8_0.
//   notes  gets a line on each such exception, and on blocks that are quantised a second time.
void ChooseTypes(const ConvertOptions& options, DType main, const TensorConverter::Drop& drop,
                 std::vector<PlannedTensor>& tensors, std::vector<std::string>& notes);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_TYPES_H_
