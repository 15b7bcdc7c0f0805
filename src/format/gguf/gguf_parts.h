#ifndef TARE_FORMAT_GGUF_GGUF_PARTS_H_
#define TARE_FORMAT_GGUF_GGUF_PARTS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/gguf/gguf_parser.h"

namespace tare {

// A GGUF file that was split for transport: `STEM-00001-of-00003.gguf` and so on. The first part
// has the model's metadata; each has the keys split.no (from 0) and split.count, and the first
// split.tensors.count, of all parts together.
//   Source  llama.cpp, tools/gguf-split.

// More than any model has; each part stays mapped.
inline constexpr size_t kMaxGgufParts = 1024;

// What the name of a part says. nullopt: it is no part's name.
struct GgufPartName {
  std::string_view stem;
  size_t number = 0;  // from 1
  size_t count = 0;
};
std::optional<GgufPartName> ReadGgufPartName(std::string_view path);

// The paths of all parts, in order, of the file at `path` with these bytes; `path` alone if the
// file is whole.
//   Errors  those of ParseGguf; InvalidInput for a part whose name does not tell the others';
//           CorruptFile if name and keys contradict each other; Unsupported for too many parts.
Result<std::vector<std::string>> GgufPartPaths(std::span<const std::byte> bytes,
                                               const std::string& path);

// Maps another part of the file at `given`. Errors: Io, which names the missing part.
Result<MappedFile> OpenGgufPart(const std::string& part, const std::string& given, size_t count);

// Whether a part may stand at `place` (from 0) of `count`. Errors: CorruptFile.
Status CheckGgufPart(const GgufIndex& part, size_t place, size_t count);
// Whether all tensors are there. Errors: CorruptFile.
Status CheckGgufPartTensors(const GgufIndex& all);

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_GGUF_PARTS_H_
