#include "format/hdf5/keras_weights.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "base/count_text.h"
#include "format/quote.h"

namespace tare {
namespace {

// "layers/dense/vars/0" → "layers/dense/vars"
std::string_view GroupOf(std::string_view name) {
  const size_t slash = name.rfind('/');
  return slash == name.npos ? std::string_view() : name.substr(0, slash);
}

std::string FileName(const std::string& path) { return std::filesystem::path(path).filename(); }

std::vector<std::string> NotesOn(const Hdf5File& file) {
  std::vector<std::string> notes;
  for (const Hdf5Copies& copies : file.copies()) {
    notes.push_back(fmt::format("{}: {} ({}) copied into memory, because the data is {}",
                                file.path(), CountText(copies.tensors, "tensor"),
                                CountText(copies.bytes, "byte"), Hdf5PlaceName(copies.place)));
  }
  if (!file.left_out().empty()) {
    notes.push_back(fmt::format("{}: {} with an unsupported element type skipped, such as {}",
                                file.path(), CountText(file.left_out().size(), "dataset"),
                                Quote(file.left_out().front())));
  }
  return notes;
}

// Checks that an index and its shard `name` agree.
Status CheckShard(const Hdf5File& file, const std::string& name, const KerasShardIndex& index) {
  std::set<std::string_view> found;
  for (const Hdf5Tensor& tensor : file.tensors()) {
    const auto group = index.shards_of.find(GroupOf(tensor.name));
    if (group == index.shards_of.end() || !group->second.contains(name)) {
      return CorruptFile("{}: holds {}, but the index does not name this file for it", file.path(),
                         Quote(tensor.name));
    }
    found.insert(GroupOf(tensor.name));
  }
  for (const std::string& left_out : file.left_out()) found.insert(GroupOf(left_out));
  for (const auto& [group, shards] : index.shards_of) {
    if (shards.contains(name) && !found.contains(group)) {
      return CorruptFile("{}: has no variable of {}, but the index names this file for it",
                         file.path(), Quote(group));
    }
  }
  return {};
}

}  // namespace

Result<KerasWeights> KerasWeights::Open(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code ignored;
  std::string file = path;
  if (fs::is_directory(path, ignored)) {
    file = fs::path(path) / kKerasWeightsFile;
    const std::string index = fs::path(path) / kKerasShardIndexFile;
    if (!fs::exists(file, ignored) && fs::exists(index, ignored)) file = index;
  }
  KerasWeights weights;
  if (fs::path(file).extension() == ".json") {
    TARE_ASSIGN_OR_RETURN(const KerasShardIndex index, KerasShardIndex::Open(file));
    TARE_RETURN_IF_ERROR(weights.AddShards(file, index));
  } else {
    TARE_RETURN_IF_ERROR(weights.AddFile(file));
  }
  TARE_RETURN_IF_ERROR(weights.SortByName());
  return weights;
}

Status KerasWeights::AddFile(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(Hdf5File file, Hdf5File::Open(path));
  const auto number = static_cast<uint32_t>(files_.size());
  tensors_.files.push_back(path);
  for (const Hdf5Tensor& tensor : file.tensors()) {
    tensors_.tensors.push_back({tensor.name, tensor.view, number, tensor.file_offset});
  }
  for (const Hdf5Copies& copies : file.copies()) copied_bytes_ += copies.bytes;
  for (std::string& note : NotesOn(file)) notes_.push_back(std::move(note));
  files_.push_back(std::move(file));
  return {};
}

Status KerasWeights::AddShards(const std::string& index_path, const KerasShardIndex& index) {
  const auto folder = std::filesystem::path(index_path).parent_path();
  for (const std::string& name : index.shards) {
    const std::string path = folder / name;
    if (const Status added = AddFile(path); !added.ok()) {
      return added.error().In(FileName(index_path) + " names a shard");
    }
    TARE_RETURN_IF_ERROR(CheckShard(files_.back(), name, index));
  }
  return {};
}

Status KerasWeights::SortByName() {
  auto& tensors = tensors_.tensors;
  std::sort(tensors.begin(), tensors.end(),
            [](const NamedTensor& a, const NamedTensor& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(tensors.begin(), tensors.end(),
                         [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice == tensors.end()) return {};
  return CorruptFile("{}: variable {} is in {} too", tensors_.files[twice->file],
                     Quote(twice->name), tensors_.files[std::next(twice)->file]);
}

}  // namespace tare
