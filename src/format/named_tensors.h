#ifndef TARE_FORMAT_NAMED_TENSORS_H_
#define TARE_FORMAT_NAMED_TENSORS_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/tensor_view.h"

namespace tare {

// One tensor of a model, from any file format.
struct NamedTensor {
  std::string name;   // as the format spells it
  TensorView view;    // borrows from the reader that returned it
  uint32_t file = 0;  // index into NamedTensors::files
  uint64_t file_offset = 0;
};

// A model's tensors from any format, sorted by name; names are unique. Families look up their
// weights here.
struct NamedTensors {
  std::vector<std::string> files;  // paths; a sharded model has several
  std::vector<NamedTensor> tensors;

  const NamedTensor* Find(std::string_view name) const {
    const auto found = std::lower_bound(
        tensors.begin(), tensors.end(), name,
        [](const NamedTensor& tensor, std::string_view wanted) { return tensor.name < wanted; });
    return found != tensors.end() && found->name == name ? &*found : nullptr;
  }
};

}  // namespace tare

#endif  // TARE_FORMAT_NAMED_TENSORS_H_
