#ifndef TARE_FORMAT_SAFETENSORS_SAFETENSORS_HEADER_H_
#define TARE_FORMAT_SAFETENSORS_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "format/foreign_tensor.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// The header entry that is not a tensor.
inline constexpr char kSafetensorsMetadataKey[] = "__metadata__";

// The largest header that the format allows, in bytes.
inline constexpr uint64_t kSafetensorsMaxHeader = 100'000'000;

// What the header of a safetensors file says about one tensor.
struct SafetensorsEntry {
  std::string name;
  std::string stored_type;     // as the file spells it
  std::optional<DType> dtype;  // empty for integers and bools, and for a tensor without elements
  bool is_foreign = false;     // floating-point, and Tare has no decoder
  Shape shape;
  uint64_t file_offset = 0;
  uint64_t bytes = 0;
};

// Reads and checks the header of the file in `file`: every entry's type, shape and range, and that
// the ranges fill the rest of the file without gaps or overlaps.
//   Returns  the entries, sorted by name; each lies within `file`.
//   foreign_types  whether floating-point types other than F32, F16 and BF16 are an error.
//   Errors   CorruptFile if the header contradicts itself or the format; Unsupported for such a
//   type and
//            for more than 1,048,576 tensors.
//   Source   https://github.com/huggingface/safetensors, README, "Format".
Result<std::vector<SafetensorsEntry>> ParseSafetensorsHeader(
    std::span<const std::byte> file, ForeignTypes foreign_types = ForeignTypes::kRefuse);

}  // namespace tare

#endif  // TARE_FORMAT_SAFETENSORS_SAFETENSORS_HEADER_H_
