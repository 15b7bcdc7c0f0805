#include "format/gguf/gguf_writer.h"

#include <bit>
#include <utility>

#include "base/check.h"
#include "base/checked_math.h"
#include "format/quote.h"

namespace tare {
namespace {

void AppendBytes(std::vector<std::byte>& out, std::span<const std::byte> bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

template <typename T>
void AppendNumber(std::vector<std::byte>& out, T value) {
  AppendBytes(out, std::as_bytes(std::span(&value, 1)));
}

void AppendType(std::vector<std::byte>& out, GgufValueType type) {
  AppendNumber(out, static_cast<uint32_t>(type));
}

void AppendText(std::vector<std::byte>& out, std::string_view text) {
  AppendNumber(out, static_cast<uint64_t>(text.size()));
  AppendBytes(out, std::as_bytes(std::span(text)));
}

}  // namespace

Result<GgufWriter> GgufWriter::Create(const std::string& path, uint64_t alignment) {
  if (!std::has_single_bit(alignment) || alignment < kGgufMinAlignment ||
      alignment > kGgufMaxAlignment) {
    return InvalidInput("{}: alignment {}, expected a power of two from {} to {}", path, alignment,
                        kGgufMinAlignment, kGgufMaxAlignment);
  }
  TARE_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  GgufWriter writer(std::move(file), alignment);
  if (alignment != kGgufDefaultAlignment) {
    TARE_RETURN_IF_ERROR(writer.AddScalar(kGgufAlignmentKey, static_cast<uint32_t>(alignment)));
  }
  return writer;
}

Status GgufWriter::AddKey(std::string_view key, GgufValueType type) {
  TARE_CHECK(!header_written());
  if (key == kGgufAlignmentKey && alignment_ == kGgufDefaultAlignment) {
    return InvalidInput("{}: metadata key \"{}\" is set by an argument of the writer", path(), key);
  }
  if (!keys_.emplace(key).second) {
    return InvalidInput("{}: metadata key {} already exists", path(), Quote(key));
  }
  AppendText(metadata_, key);
  AppendType(metadata_, type);
  return {};
}

Status GgufWriter::AddRaw(std::string_view key, GgufValueType type,
                          std::span<const std::byte> value) {
  TARE_RETURN_IF_ERROR(AddKey(key, type));
  AppendBytes(metadata_, value);
  return {};
}

Status GgufWriter::AddRawArray(std::string_view key, GgufValueType type, size_t count,
                               std::span<const std::byte> values) {
  TARE_RETURN_IF_ERROR(AddKey(key, GgufValueType::kArray));
  AppendType(metadata_, type);
  AppendNumber(metadata_, static_cast<uint64_t>(count));
  AppendBytes(metadata_, values);
  return {};
}

Status GgufWriter::AddString(std::string_view key, std::string_view value) {
  TARE_RETURN_IF_ERROR(AddKey(key, GgufValueType::kString));
  AppendText(metadata_, value);
  return {};
}

Status GgufWriter::AddStrings(std::string_view key, std::span<const std::string_view> values) {
  TARE_RETURN_IF_ERROR(AddRawArray(key, GgufValueType::kString, values.size(), {}));
  for (const std::string_view value : values) AppendText(metadata_, value);
  return {};
}

Status GgufWriter::AddCopy(const GgufValue& value) {
  if (value.is_array()) {
    return AddRawArray(value.key(), value.element_type(), value.size(), value.stored());
  }
  return AddRaw(value.key(), value.type(), value.stored());
}

Status GgufWriter::DeclareTensor(std::string_view name, DType dtype, const Shape& shape) {
  const auto bytes = ByteSize(dtype, shape);
  if (!RowOf(dtype).gguf_type || shape.rank() == 0 || shape.rank() > kGgufMaxRank || !bytes ||
      *bytes == 0) {
    return InvalidInput("{}: tensor {}: GGUF has no {} of shape {}", path(), Quote(name),
                        DTypeName(dtype), shape.ToString());
  }
  return AddDeclaration(name, dtype, shape, *bytes);
}

Status GgufWriter::WriteHeader() {
  std::vector<std::byte> header;
  AppendBytes(header, std::as_bytes(std::span(kGgufMagic)));
  AppendNumber(header, kGgufVersion);
  AppendNumber(header, static_cast<uint64_t>(declarations().size()));
  AppendNumber(header, static_cast<uint64_t>(keys_.size()));

  std::vector<std::byte> infos;
  uint64_t offset = 0;  // from where the data begins
  for (TensorDeclaration& tensor : declarations()) {
    AppendText(infos, tensor.name);
    AppendNumber(infos, static_cast<uint32_t>(tensor.shape.rank()));
    for (size_t axis = tensor.shape.rank(); axis-- > 0;) {
      AppendNumber(infos, static_cast<uint64_t>(tensor.shape[axis]));
    }
    AppendNumber(infos, *RowOf(tensor.dtype).gguf_type);
    AppendNumber(infos, offset);
    tensor.offset = offset;
    const auto end = CheckedAdd(offset, tensor.bytes);
    const auto next = end ? CheckedRoundUp(*end, alignment_) : std::nullopt;
    if (!next) return InvalidInput("{}: the tensors' sizes overflow", path());
    offset = *next;
  }
  const uint64_t used = header.size() + metadata_.size() + infos.size();
  const uint64_t data_begin = (used + alignment_ - 1) / alignment_ * alignment_;
  const auto file_bytes = CheckedAdd(data_begin, offset);
  if (!file_bytes) return InvalidInput("{}: the tensors' sizes overflow", path());
  for (TensorDeclaration& tensor : declarations()) tensor.offset += data_begin;
  SetFileBytes(*file_bytes);
  TARE_RETURN_IF_ERROR(Write(header));
  TARE_RETURN_IF_ERROR(Write(metadata_));
  return Write(infos);
}

}  // namespace tare
