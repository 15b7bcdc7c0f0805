#include "format/safetensors_writer.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/check.h"
#include "base/checked_math.h"
#include "format/quote.h"
#include "format/safetensors_header.h"

namespace tare {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kMetadataKey = "__metadata__";
constexpr size_t kHeaderAlignment = 8;  // of the data in the file

std::string_view StoredType(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "F32";
    case DType::kF16:
      return "F16";
    case DType::kBF16:
      return "BF16";
    case DType::kI32:
      return "I32";
    default:
      return {};
  }
}

// A JSON string; U+FFFD for what is not UTF-8.
std::string ToJson(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Result<SafetensorsWriter> SafetensorsWriter::Create(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  return SafetensorsWriter(std::move(file));
}

Status SafetensorsWriter::AddMetadata(std::string_view key, std::string_view value) {
  TARE_CHECK(!header_written_);
  if (!metadata_.emplace(key, value).second) {
    return InvalidInput("{}: metadata key {} is there already", file_.path(), Quote(key));
  }
  return {};
}

Status SafetensorsWriter::DeclareTensor(std::string_view name, DType dtype, const Shape& shape) {
  TARE_CHECK(!header_written_);
  const auto bytes = ByteSize(dtype, shape);
  const auto data_bytes = bytes ? CheckedAdd<uint64_t>(data_bytes_, *bytes) : std::nullopt;
  if (StoredType(dtype).empty() || !data_bytes) {
    return InvalidInput("{}: tensor {}: safetensors has no {} of shape {}", file_.path(),
                        Quote(name), DTypeName(dtype), shape.ToString());
  }
  if (name == kMetadataKey || !names_.emplace(name).second) {
    return InvalidInput("{}: tensor {}: the name is taken", file_.path(), Quote(name));
  }
  tensors_.push_back({std::string(name), dtype, shape, *bytes});
  data_bytes_ = *data_bytes;
  return {};
}

Status SafetensorsWriter::WriteHeader() {
  std::string header = "{";
  if (!metadata_.empty()) {
    header += fmt::format("{}:{}", ToJson(kMetadataKey), ToJson(metadata_));
  }
  uint64_t begin = 0;
  for (const Declaration& tensor : tensors_) {
    if (header.size() > 1) header += ',';
    const std::vector<size_t> dims(tensor.shape.begin(), tensor.shape.end());
    header +=
        fmt::format(R"({}:{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", ToJson(tensor.name),
                    StoredType(tensor.dtype), ToJson(dims), begin, begin + tensor.bytes);
    begin += tensor.bytes;
  }
  header += '}';
  header.resize((header.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
  const uint64_t length = header.size();
  if (length > kSafetensorsMaxHeader) {
    return InvalidInput("{}: the header has {} bytes, more than the format's {}", file_.path(),
                        length, kSafetensorsMaxHeader);
  }
  header_written_ = true;
  TARE_RETURN_IF_ERROR(file_.Write(std::as_bytes(std::span(&length, 1))));
  return file_.Write(std::as_bytes(std::span(header)));
}

Status SafetensorsWriter::AppendTensorData(std::string_view name,
                                           std::span<const std::byte> bytes) {
  if (!header_written_) TARE_RETURN_IF_ERROR(WriteHeader());
  if (current_tensor_ == tensors_.size()) {
    return InvalidInput("{}: tensor {}: every declared tensor is whole already", file_.path(),
                        Quote(name));
  }
  const Declaration& tensor = tensors_[current_tensor_];
  if (name != tensor.name) {
    return InvalidInput("{}: tensor {}: expected the data of {} first", file_.path(), Quote(name),
                        Quote(tensor.name));
  }
  if (bytes.size() > tensor.bytes - current_bytes_) {
    return InvalidInput("{}: tensor {}: {} bytes more, expected at most {} of its {}", file_.path(),
                        Quote(name), bytes.size(), tensor.bytes - current_bytes_, tensor.bytes);
  }
  TARE_RETURN_IF_ERROR(file_.Write(bytes));
  current_bytes_ += bytes.size();
  if (current_bytes_ == tensor.bytes) {
    ++current_tensor_;
    current_bytes_ = 0;
  }
  return {};
}

Status SafetensorsWriter::Finish() {
  if (!header_written_) TARE_RETURN_IF_ERROR(WriteHeader());
  if (current_tensor_ < tensors_.size()) {
    const Declaration& tensor = tensors_[current_tensor_];
    return InvalidInput("{}: tensor {}: got {} bytes, expected {}", file_.path(),
                        Quote(tensor.name), current_bytes_, tensor.bytes);
  }
  return file_.Commit();
}

}  // namespace tare
