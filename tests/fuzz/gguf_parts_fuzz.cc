// Any bytes at all are the parts of a split GGUF file or an error, and no view of an accepted file
// strays. The input: each part with its length before it, in 16 bits.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "format/gguf/gguf.h"
#include "format/gguf/gguf_parts.h"
#include "format/testing/raw_gguf.h"
#include "tensor/little_endian.h"

namespace {

constexpr size_t kMostParts = 8;

// Copies, because the reader wants aligned starts; exact, so that a read too far is seen.
std::vector<std::vector<std::byte>> PartsOf(std::span<const std::byte> input) {
  std::vector<std::vector<std::byte>> parts;
  while (input.size() > sizeof(uint16_t) && parts.size() < kMostParts) {
    const size_t asked = tare::LoadLittleEndian<uint16_t>(input.data());
    input = input.subspan(sizeof(uint16_t));
    const auto part = input.first(std::min(asked, input.size()));
    parts.emplace_back(part.begin(), part.end());
    input = input.subspan(part.size());
  }
  return parts;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto copies = PartsOf(std::as_bytes(std::span(data, size)));
  if (copies.empty()) return 0;
  std::vector<tare::GgufFile::Part> parts;
  for (const auto& copy : copies) parts.push_back({copy, "part"});
  const auto paths = tare::GgufPartPaths(copies[0], "stem-00001-of-00003.gguf");
  TARE_CHECK(!paths.ok() || paths->size() == 1 || paths->size() == 3);
  const auto file = tare::GgufFile::ParseParts(parts, tare::ForeignTypes::kList);
  if (!file.ok()) {
    TARE_CHECK(file.error().message().size() < 1000);
    return 0;
  }
  for (const auto& tensor : file->tensors()) {
    TARE_CHECK(file->FindTensor(tensor.name) == &tensor.view);
    TARE_CHECK_LE(tensor.file_offset + tensor.view.bytes(), copies[tensor.file].size());
  }
  for (const auto& tensor : file->foreign()) {
    TARE_CHECK_LE(tensor.file_offset + tensor.bytes, copies[tensor.file].size());
  }
  (void)tare::ReadEverything(*file);
  return 0;
}
