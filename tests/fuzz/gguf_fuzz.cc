// Any bytes are a valid GGUF file or an error, and no view of an accepted file points outside it.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "format/gguf/gguf.h"
#include "format/testing/raw_gguf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Copies the input, because the reader needs an aligned start; the exact size exposes over-reads.
  const std::span<const std::byte> input = std::as_bytes(std::span(data, size));
  const std::vector<std::byte> bytes(input.begin(), input.end());
  const auto described = tare::GgufFile::Parse(bytes, "input", tare::ForeignTypes::kList);
  if (described.ok()) {
    for (const auto& tensor : described->foreign()) {
      TARE_CHECK_LE(tensor.file_offset + tensor.bytes, size);
    }
  }
  const auto file = tare::GgufFile::Parse(bytes, "input");
  TARE_CHECK(described.ok() || !file.ok());
  if (!file.ok()) {
    TARE_CHECK(file.error().message().size() < 1000);
    return 0;
  }
  for (const auto& tensor : file->tensors()) {
    TARE_CHECK(file->FindTensor(tensor.name) == &tensor.view);
    TARE_CHECK_LE(tensor.file_offset + tensor.view.bytes(), size);
  }
  for (const auto& value : file->values()) TARE_CHECK(file->FindValue(value.key()) == &value);
  (void)tare::ReadEverything(*file);
  return 0;
}
