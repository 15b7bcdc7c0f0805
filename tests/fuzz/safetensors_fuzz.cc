// Any bytes are a valid safetensors file or an error, and no view of an accepted file points
// outside it.

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "base/check.h"
#include "format/safetensors/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Copies the input, because views are only aligned if the start is; the exact size exposes
  // over-reads.
  const std::span<const std::byte> input = std::as_bytes(std::span(data, size));
  const std::vector<std::byte> bytes(input.begin(), input.end());
  const auto model = tare::SafetensorsModel::Parse(bytes, "input");
  if (!model.ok()) {
    TARE_CHECK(model.error().message().size() < 1000);
    return 0;
  }
  size_t total = 0;
  std::set<uint64_t> places;  // two names may share one
  for (const tare::NamedTensor& tensor : model->tensors().tensors) {
    TARE_CHECK(model->tensors().Find(tensor.name) == &tensor);
    TARE_CHECK_LE(tensor.file_offset + tensor.view.bytes(), size);
    const size_t last = tensor.view.bytes() - 1;
    TARE_CHECK(tensor.view.data[0] == bytes[tensor.file_offset]);
    TARE_CHECK(tensor.view.data[last] == bytes[tensor.file_offset + last]);
    if (places.insert(tensor.file_offset).second) total += tensor.view.bytes();
  }
  TARE_CHECK_LE(total, size);
  return 0;
}
