#include "format/gguf/gguf.h"

#include <algorithm>
#include <utility>

#include "format/quote.h"

namespace tare {
namespace {

// The error of `result`, if any, with the file's path in front.
template <typename T>
Result<T> InFile(Result<T> result, const std::string& path) {
  if (!result.ok()) return result.error().In(path);
  return result;
}

// `order` sorts what `name_of` gives for an index; finds the index with that name.
template <typename NameOf>
std::optional<uint32_t> FindSorted(const std::vector<uint32_t>& order, std::string_view name,
                                   NameOf name_of) {
  const auto at = std::ranges::lower_bound(order, name, {}, name_of);
  if (at == order.end() || name_of(*at) != name) return std::nullopt;
  return *at;
}

}  // namespace

Result<GgufFile> GgufFile::Open(const std::string& path, ForeignTypes foreign_types) {
  TARE_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  TARE_ASSIGN_OR_RETURN(GgufFile gguf, Parse(file.bytes(), path, foreign_types));
  gguf.file_ = std::move(file);
  return gguf;
}

Result<GgufFile> GgufFile::Parse(std::span<const std::byte> bytes, std::string name,
                                 ForeignTypes foreign_types) {
  TARE_ASSIGN_OR_RETURN(GgufIndex index, InFile(ParseGguf(bytes, foreign_types), name));
  return GgufFile(std::move(name), bytes.size(), std::move(index));
}

const GgufValue* GgufFile::FindValue(std::string_view key) const {
  const auto at =
      FindSorted(index_.values_by_key, key, [&](uint32_t i) { return index_.values[i].key(); });
  return at ? &index_.values[*at] : nullptr;
}

const TensorView* GgufFile::FindTensor(std::string_view name) const {
  const auto at =
      FindSorted(index_.tensors_by_name, name, [&](uint32_t i) { return index_.tensors[i].name; });
  return at ? &index_.tensors[*at].view : nullptr;
}

Result<TensorView> GgufFile::GetTensor(std::string_view name) const {
  if (const TensorView* view = FindTensor(name)) return *view;
  return CorruptFile(
      "{}: tensor {} is missing; is the file complete, and is its architecture right?", path_,
      Quote(name));
}

Result<GgufValue> GgufFile::GetValue(std::string_view key) const {
  if (const GgufValue* value = FindValue(key)) return *value;
  return CorruptFile("{}: metadata key {} is missing", path_, Quote(key));
}

Result<uint64_t> GgufFile::GetUint(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsU64(), path_);
}

Result<float> GgufFile::GetFloat(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsF32(), path_);
}

Result<bool> GgufFile::GetBool(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsBool(), path_);
}

Result<std::string_view> GgufFile::GetString(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsString(), path_);
}

Result<GgufStrings> GgufFile::GetStrings(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsStrings(), path_);
}

Result<uint64_t> GgufFile::GetUintOr(std::string_view key, uint64_t fallback) const {
  return FindValue(key) == nullptr ? Result<uint64_t>(fallback) : GetUint(key);
}

Result<float> GgufFile::GetFloatOr(std::string_view key, float fallback) const {
  return FindValue(key) == nullptr ? Result<float>(fallback) : GetFloat(key);
}

Result<bool> GgufFile::GetBoolOr(std::string_view key, bool fallback) const {
  return FindValue(key) == nullptr ? Result<bool>(fallback) : GetBool(key);
}

Result<std::string_view> GgufFile::GetStringOr(std::string_view key,
                                               std::string_view fallback) const {
  return FindValue(key) == nullptr ? Result<std::string_view>(fallback) : GetString(key);
}

void GgufFile::DropPages(std::span<const std::byte> data) const {
  if (file_ && file_->Contains(data)) file_->Drop(data);
}

void GgufFile::DropMetadata() const {
  if (file_) file_->Drop(file_->bytes().first(std::min(data_offset(), file_bytes_)));
}

}  // namespace tare
