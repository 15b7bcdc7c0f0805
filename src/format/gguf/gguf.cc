#include "format/gguf/gguf.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "format/gguf/gguf_parts.h"
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
  TARE_ASSIGN_OR_RETURN(MappedFile given, MappedFile::Open(path));
  TARE_ASSIGN_OR_RETURN(const std::vector<std::string> paths,
                        InFile(GgufPartPaths(given.bytes(), path), path));
  std::vector<MappedFile> files;
  for (const std::string& part : paths) {
    if (part == path) continue;
    TARE_ASSIGN_OR_RETURN(MappedFile file, OpenGgufPart(part, path, paths.size()));
    files.push_back(std::move(file));
  }
  const auto place = std::ranges::find(paths, path) - paths.begin();
  files.insert(files.begin() + place, std::move(given));
  std::vector<Part> parts;
  for (size_t i = 0; i < files.size(); ++i) parts.push_back({files[i].bytes(), paths[i]});
  TARE_ASSIGN_OR_RETURN(GgufFile gguf, ParseParts(parts, foreign_types));
  gguf.files_ = std::move(files);
  return gguf;
}

Result<GgufFile> GgufFile::Parse(std::span<const std::byte> bytes, std::string name,
                                 ForeignTypes foreign_types) {
  return ParseParts({{bytes, std::move(name)}}, foreign_types);
}

Result<GgufFile> GgufFile::ParseParts(const std::vector<Part>& parts, ForeignTypes foreign_types) {
  GgufFile file;
  for (size_t i = 0; i < parts.size(); ++i) {
    const std::string& name = parts[i].name;
    TARE_ASSIGN_OR_RETURN(GgufIndex index, InFile(ParseGguf(parts[i].bytes, foreign_types), name));
    const Status in_place = CheckGgufPart(index, i, parts.size());
    if (!in_place.ok()) return in_place.error().In(name);
    file.Append(name, std::move(index));
  }
  const Status complete = CheckGgufPartTensors(file.index_);
  if (!complete.ok()) return complete.error().In(file.path());
  TARE_RETURN_IF_ERROR(file.SortNames());
  return file;
}

void GgufFile::Append(std::string path, GgufIndex part) {
  const auto number = static_cast<uint32_t>(paths_.size());
  paths_.push_back(std::move(path));
  data_offsets_.push_back(part.data_offset);
  if (number == 0) {
    index_ = std::move(part);
    return;
  }
  for (GgufTensorInfo& tensor : part.tensors) {
    tensor.file = number;
    index_.tensors.push_back(tensor);
  }
  for (ForeignTensor& tensor : part.foreign) {
    tensor.file = number;
    index_.foreign.push_back(std::move(tensor));
  }
}

// A single file's are sorted by its parser.
Status GgufFile::SortNames() {
  if (paths_.size() == 1) return {};
  std::vector<uint32_t>& order = index_.tensors_by_name;
  const auto name = [this](uint32_t i) { return index_.tensors[i].name; };
  order.resize(index_.tensors.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {}, name);
  const auto twin = std::ranges::adjacent_find(order, {}, name);
  if (twin == order.end()) return {};
  return CorruptFile("tensor {} is in {} and in {}", Quote(name(*twin)),
                     paths_[index_.tensors[twin[0]].file], paths_[index_.tensors[twin[1]].file]);
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
      "{}: tensor {} is missing; is the file complete, and is its architecture right?", path(),
      Quote(name));
}

Result<GgufValue> GgufFile::GetValue(std::string_view key) const {
  if (const GgufValue* value = FindValue(key)) return *value;
  return CorruptFile("{}: metadata key {} is missing", path(), Quote(key));
}

Result<uint64_t> GgufFile::GetUint(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsU64(), path());
}

Result<float> GgufFile::GetFloat(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsF32(), path());
}

Result<bool> GgufFile::GetBool(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsBool(), path());
}

Result<std::string_view> GgufFile::GetString(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsString(), path());
}

Result<GgufStrings> GgufFile::GetStrings(std::string_view key) const {
  TARE_ASSIGN_OR_RETURN(const GgufValue value, GetValue(key));
  return InFile(value.AsStrings(), path());
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
  for (const MappedFile& file : files_) {
    if (file.Contains(data)) file.Drop(data);
  }
}

void GgufFile::DropMetadata() const {
  for (size_t i = 0; i < files_.size(); ++i) {
    const std::span<const std::byte> bytes = files_[i].bytes();
    files_[i].Drop(bytes.first(std::min<uint64_t>(data_offsets_[i], bytes.size())));
  }
}

}  // namespace tare
