#ifndef TARE_FORMAT_TESTING_RAW_GGUF_H_
#define TARE_FORMAT_TESTING_RAW_GGUF_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/gguf/gguf.h"

namespace tare {

// Bytes put together by hand, for files that no writer would write.
class RawBytes {
 public:
  template <typename T>
  RawBytes& Number(T value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  RawBytes& Type(GgufValueType type) { return Number(static_cast<uint32_t>(type)); }
  RawBytes& Plain(std::string_view text) {
    const auto bytes = std::as_bytes(std::span(text));
    bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    return *this;
  }
  RawBytes& Text(std::string_view text) {
    return Number(static_cast<uint64_t>(text.size())).Plain(text);
  }
  RawBytes& Append(const RawBytes& other) {
    bytes_.insert(bytes_.end(), other.bytes_.begin(), other.bytes_.end());
    return *this;
  }
  RawBytes& Zeros(size_t count) {
    bytes_.resize(bytes_.size() + count);
    return *this;
  }
  size_t size() const { return bytes_.size(); }
  std::span<const std::byte> span() const { return bytes_; }
  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

struct RawTensor {
  std::string name = "weight";
  std::vector<uint64_t> dims = {32};  // innermost first, as stored
  uint32_t type = 0;                  // F32
  uint64_t offset = 0;
  std::optional<uint32_t> rank = std::nullopt;  // claimed instead of dims.size()
};

// A GGUF file, valid as it stands: two keys, no tensors. Tests spoil one part of it.
struct RawGguf {
  std::string magic = "GGUF";
  uint32_t version = 3;
  std::optional<uint64_t> tensor_count = std::nullopt;  // claimed instead of tensors.size()
  std::optional<uint64_t> value_count = std::nullopt;   // claimed instead of values.size()
  std::vector<RawBytes> values = {
      RawBytes().Text("general.architecture").Type(GgufValueType::kString).Text("llama"),
      RawBytes().Text("llama.block_count").Type(GgufValueType::kU32).Number<uint32_t>(2)};
  std::vector<RawTensor> tensors;
  size_t alignment = 32;
  size_t data_bytes = 0;

  RawBytes Build() const {
    RawBytes out;
    out.Plain(magic).Number(version);
    out.Number(tensor_count.value_or(tensors.size())).Number(value_count.value_or(values.size()));
    for (const RawBytes& value : values) out.Append(value);
    for (const RawTensor& tensor : tensors) {
      out.Text(tensor.name);
      out.Number(tensor.rank.value_or(static_cast<uint32_t>(tensor.dims.size())));
      for (const uint64_t dim : tensor.dims) out.Number(dim);
      out.Number(tensor.type).Number(tensor.offset);
    }
    if (data_bytes > 0) out.Zeros((alignment - out.size() % alignment) % alignment + data_bytes);
    return out;
  }
};

// Reads every metadata value whole and both ends of every tensor, so that a sanitizer sees each
// view that strays; the sum keeps the reads alive.
inline uint64_t ReadEverything(const GgufFile& file) {
  uint64_t sum = file.alignment() + file.data_offset();
  for (const GgufValue& value : file.values()) {
    for (const char c : value.key()) sum += static_cast<unsigned char>(c);
    if (const auto text = value.AsString(); text.ok()) {
      for (const char c : *text) sum += static_cast<unsigned char>(c);
    } else if (const auto texts = value.AsStrings(); texts.ok()) {
      for (const std::string_view each : *texts) {
        for (const char c : each) sum += static_cast<unsigned char>(c);
      }
    } else if (value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i) {
        const auto element = value.At(i);
        if (element.ok()) sum += element->AsU64().ok() + element->AsF32().ok();
      }
    } else {
      sum += value.AsU64().ok() + value.AsF32().ok() + value.AsBool().ok();
    }
    sum += file.FindValue(value.key()) == &value;
  }
  for (const GgufTensorInfo& tensor : file.tensors()) {
    sum += std::to_integer<uint64_t>(tensor.view.data[0]);
    sum += std::to_integer<uint64_t>(tensor.view.data[tensor.view.bytes() - 1]);
    sum += file.FindTensor(tensor.name) == &tensor.view;
  }
  return sum;
}

}  // namespace tare

#endif  // TARE_FORMAT_TESTING_RAW_GGUF_H_
