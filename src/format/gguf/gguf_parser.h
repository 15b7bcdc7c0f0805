#ifndef TARE_FORMAT_GGUF_GGUF_PARSER_H_
#define TARE_FORMAT_GGUF_GGUF_PARSER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "format/foreign_tensor.h"
#include "format/gguf/gguf_value.h"
#include "tensor/tensor_view.h"

namespace tare {

// A tensor of a GGUF file. The shape is row-major, outermost first: the stored shape in reverse. A
// linear layer's weight that GGUF stores as [in, out] has the shape [out, in].
struct GgufTensorInfo {
  std::string_view name;
  TensorView view;
  uint64_t file_offset = 0;  // of the first byte, from the start of its file
  uint32_t file = 0;         // the part of a split file, from 0
};

// The contents of a GGUF file. Everything except `foreign` borrows from the file's bytes; nothing
// is copied.
struct GgufIndex {
  std::vector<GgufValue> values;        // in file order
  std::vector<GgufTensorInfo> tensors;  // in file order
  std::vector<ForeignTensor> foreign;   // tensors of types that Tare cannot read, in file order
  std::vector<uint32_t> values_by_key;  // indices of `values`, sorted by key
  std::vector<uint32_t> tensors_by_name;
  uint32_t version = 0;
  uint64_t alignment = 0;
  uint64_t data_offset = 0;
};

// Reads and checks everything before the tensor data, and checks that the data lies within the
// file. Time and memory grow with the number of keys and tensors; tensor data is not read.
//   bytes   the whole file, at an address that is a multiple of kGgufMinAlignment; must outlive
//           the index.
//   foreign_types  whether a tensor that cannot be read is an error, or listed in `foreign`.
//   Errors  CorruptFile if the file contradicts itself or the format; Unsupported for a version,
//           a byte order, a nested array, a tensor type or a size that Tare does not read;
//           InvalidInput for a misplaced `bytes`.
Result<GgufIndex> ParseGguf(std::span<const std::byte> bytes,
                            ForeignTypes foreign_types = ForeignTypes::kRefuse);

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_GGUF_PARSER_H_
