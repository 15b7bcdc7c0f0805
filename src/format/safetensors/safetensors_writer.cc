#include "format/safetensors/safetensors_writer.h"

#include <nlohmann/json.hpp>
#include <span>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/checked_math.h"
#include "format/quote.h"
#include "format/safetensors/safetensors_header.h"

namespace tare {
namespace {

using Json = nlohmann::json;

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
  TARE_CHECK(!header_written());
  if (!metadata_.emplace(key, value).second) {
    return InvalidInput("{}: metadata key {} already exists", path(), Quote(key));
  }
  return {};
}

Status SafetensorsWriter::DeclareTensor(std::string_view name, DType dtype, const Shape& shape) {
  const auto bytes = ByteSize(dtype, shape);
  const auto data_bytes = bytes ? CheckedAdd<uint64_t>(data_bytes_, *bytes) : std::nullopt;
  if (StoredType(dtype).empty() || !data_bytes) {
    return InvalidInput("{}: tensor {}: safetensors has no {} of shape {}", path(), Quote(name),
                        DTypeName(dtype), shape.ToString());
  }
  if (name == kSafetensorsMetadataKey) {
    return InvalidInput("{}: tensor {}: the name is reserved", path(), Quote(name));
  }
  TARE_RETURN_IF_ERROR(AddDeclaration(name, dtype, shape, *bytes));
  data_bytes_ = *data_bytes;
  return {};
}

Status SafetensorsWriter::WriteHeader() {
  std::string header = "{";
  if (!metadata_.empty()) {
    header += fmt::format("{}:{}", ToJson(kSafetensorsMetadataKey), ToJson(metadata_));
  }
  uint64_t begin = 0;  // from where the data begins
  for (TensorDeclaration& tensor : declarations()) {
    if (header.size() > 1) header += ',';
    const std::vector<size_t> dims(tensor.shape.begin(), tensor.shape.end());
    header +=
        fmt::format(R"({}:{{"dtype":"{}","shape":{},"data_offsets":[{},{}]}})", ToJson(tensor.name),
                    StoredType(tensor.dtype), ToJson(dims), begin, begin + tensor.bytes);
    tensor.offset = begin;
    begin += tensor.bytes;
  }
  header += '}';
  header.resize((header.size() + kHeaderAlignment - 1) / kHeaderAlignment * kHeaderAlignment, ' ');
  const uint64_t length = header.size();
  if (length > kSafetensorsMaxHeader) {
    return InvalidInput("{}: the header has {} bytes, more than the format's {}", path(), length,
                        kSafetensorsMaxHeader);
  }
  for (TensorDeclaration& tensor : declarations()) tensor.offset += sizeof(length) + length;
  TARE_RETURN_IF_ERROR(Write(std::as_bytes(std::span(&length, 1))));
  return Write(std::as_bytes(std::span(header)));
}

}  // namespace tare
