#include "format/safetensors/safetensors.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/count_text.h"
#include "format/json/json_file.h"
#include "format/quote.h"

namespace tare {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kIndexSuffix = ".index.json";
constexpr uint64_t kMaxIndexBytes = 100 << 20;
constexpr size_t kMaxShards = 10'000;

// Tensor → shard, in compact form: a model has many tensors and few shards.
struct ShardIndex {
  struct Entry {
    std::string tensor;
    uint32_t shard;
  };
  std::vector<Entry> entries;
  std::vector<std::string> shards;
};

// What models are saved with besides weights: masks and frequencies, which follow from the
// configuration. Indexes may leave them out.
bool IsBuffer(std::string_view name) {
  constexpr std::string_view kEnds[] = {"rotary_emb.inv_freq",    ".attn.bias",
                                        ".attn.masked_bias",      ".attention.bias",
                                        ".attention.masked_bias", "embeddings.position_ids"};
  return std::ranges::any_of(kEnds, [name](std::string_view end) { return name.ends_with(end); });
}

class ShardNames {
 public:
  Result<uint32_t> FindOrAdd(const std::string& name) {
    const auto [place, is_new] = places_.emplace(name, static_cast<uint32_t>(names_.size()));
    if (!is_new) return place->second;
    if (!IsPlain(name)) {
      return CorruptFile("shard {} is not a plain file name; shards must lie beside their index",
                         Quote(name));
    }
    if (names_.size() == kMaxShards) return Unsupported("has more than {} shards", kMaxShards);
    names_.push_back(name);
    return place->second;
  }

  std::vector<std::string> Take() { return std::move(names_); }

 private:
  static bool IsPlain(const std::string& name) {
    return !name.empty() && name != "." && name != ".." &&
           name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
  }

  std::map<std::string, uint32_t> places_;
  std::vector<std::string> names_;
};

Result<ShardIndex> ReadIndex(const std::string& path) {
  ShardIndex index;
  ShardNames shards;
  bool seen = false;
  const auto is_map = [](JsonPath at) { return at.size() == 1 && at[0] == "weight_map"; };
  const JsonReceiver receiver = {
      [&](JsonPath at) {
        seen = seen || is_map(at);
        return at.empty() || is_map(at);
      },
      [&](JsonPath at, Json& value) -> Status {
        if (at.size() != 2) return {};
        if (!value.is_string()) {
          return CorruptFile("weight_map: {} is {}, expected a file name", Quote(at[1]),
                             value.type_name());
        }
        TARE_ASSIGN_OR_RETURN(const uint32_t shard, shards.FindOrAdd(value.get<std::string>()));
        index.entries.push_back({at[1], shard});
        return {};
      }};
  TARE_RETURN_IF_ERROR(ReadJsonFile(path, kMaxIndexBytes, receiver));
  if (!seen) return CorruptFile("{}: has no weight_map", path);
  index.shards = shards.Take();
  std::sort(index.entries.begin(), index.entries.end(),
            [](const auto& a, const auto& b) { return a.tensor < b.tensor; });
  return index;
}

bool IsAligned(const std::byte* data, DType dtype) {
  return reinterpret_cast<uintptr_t>(data) % BlockBytes(dtype) == 0;
}

}  // namespace

Status SafetensorsModel::AddTensor(std::span<const std::byte> bytes, SafetensorsEntry entry) {
  const auto file = static_cast<uint32_t>(tensors_.files.size() - 1);
  if (entry.is_foreign) {
    foreign_.push_back({std::move(entry.name), std::move(entry.stored_type), entry.shape, file,
                        entry.file_offset, entry.bytes});
    return {};
  }
  if (!entry.dtype) {
    skipped_.push_back({std::move(entry.name), std::move(entry.stored_type)});
    return {};
  }
  TensorView view{*entry.dtype, entry.shape, bytes.data() + entry.file_offset};
  if (!IsAligned(view.data, view.dtype)) {
    TARE_ASSIGN_OR_RETURN(Storage copy, Storage::Allocate(view.dtype, view.shape));
    std::memcpy(copy.data(), view.data, entry.bytes);
    view = copy.view();
    copies_.push_back(std::move(copy));
    notes_.push_back(
        fmt::format("{}: tensor {}: copied into memory ({}), because {} at byte {} is not aligned",
                    tensors_.files.back(), Quote(entry.name), CountText(entry.bytes, "byte"),
                    entry.stored_type, entry.file_offset));
  }
  tensors_.tensors.push_back({std::move(entry.name), view, file, entry.file_offset});
  return {};
}

Status SafetensorsModel::AddFile(std::span<const std::byte> bytes, const std::string& path) {
  auto entries = ParseSafetensorsHeader(bytes, foreign_types_);
  if (!entries.ok()) return entries.error().In(path);
  tensors_.files.push_back(path);
  for (SafetensorsEntry& entry : *entries) {
    TARE_RETURN_IF_ERROR(AddTensor(bytes, std::move(entry)));
  }
  return {};
}

Status SafetensorsModel::OpenFile(const std::string& path) {
  TARE_ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  TARE_RETURN_IF_ERROR(AddFile(file.bytes(), path));
  files_.push_back(std::move(file));
  return {};
}

Status SafetensorsModel::SortByName() {
  std::vector<NamedTensor>& all = tensors_.tensors;
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  for (size_t i = 1; i < all.size(); ++i) {
    if (all[i].name != all[i - 1].name) continue;
    return CorruptFile("tensor {} is in {} and in {}", Quote(all[i].name),
                       tensors_.files[all[i - 1].file], tensors_.files[all[i].file]);
  }
  return {};
}

Status SafetensorsModel::OpenShards(const std::string& index_path) {
  TARE_ASSIGN_OR_RETURN(const ShardIndex index, ReadIndex(index_path));
  const std::filesystem::path folder = std::filesystem::path(index_path).parent_path();
  for (const std::string& shard : index.shards) {
    TARE_RETURN_IF_ERROR(OpenFile((folder / shard).string()));
  }
  TARE_RETURN_IF_ERROR(SortByName());

  // Files are in the order of index.shards, so a tensor's file is its shard.
  const auto check = [&](const std::string& name, uint32_t file) -> Status {
    const auto found = std::lower_bound(
        index.entries.begin(), index.entries.end(), name,
        [](const ShardIndex::Entry& entry, const std::string& n) { return entry.tensor < n; });
    if (found != index.entries.end() && found->tensor == name && found->shard == file) return {};
    return CorruptFile("{}: weight_map does not say that tensor {} is in {}", index_path,
                       Quote(name), index.shards[file]);
  };
  std::erase_if(tensors_.tensors, [&](const NamedTensor& tensor) {
    return IsBuffer(tensor.name) && !check(tensor.name, tensor.file).ok();
  });
  std::set<std::pair<uint32_t, uint64_t>> named;  // places; another name of one needs no entry
  for (const NamedTensor& tensor : tensors_.tensors) {
    if (check(tensor.name, tensor.file).ok()) named.emplace(tensor.file, tensor.file_offset);
  }
  for (const NamedTensor& tensor : tensors_.tensors) {
    if (named.contains({tensor.file, tensor.file_offset})) continue;
    TARE_RETURN_IF_ERROR(check(tensor.name, tensor.file));
  }
  std::set<std::string_view> skipped;
  for (const Skipped& each : skipped_) skipped.insert(each.name);
  for (const ForeignTensor& each : foreign_) skipped.insert(each.name);
  for (size_t i = 0; i < index.entries.size(); ++i) {
    const std::string& name = index.entries[i].tensor;
    if (i > 0 && index.entries[i - 1].tensor == name) {
      return CorruptFile("{}: weight_map has tensor {} twice", index_path, Quote(name));
    }
    if (tensors_.Find(name) == nullptr && !skipped.contains(name)) {
      return CorruptFile("{}: weight_map says that tensor {} is in {}, which does not have it",
                         index_path, Quote(name), index.shards[index.entries[i].shard]);
    }
  }
  return {};
}

Result<SafetensorsModel> SafetensorsModel::Open(const std::string& path,
                                                ForeignTypes foreign_types) {
  SafetensorsModel model;
  model.foreign_types_ = foreign_types;
  std::string file = path;
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    const std::filesystem::path single = std::filesystem::path(path) / "model.safetensors";
    const std::string index = single.string() + std::string(kIndexSuffix);
    const bool sharded =
        !std::filesystem::exists(single, ignored) && std::filesystem::exists(index, ignored);
    file = sharded ? index : single.string();
  }
  if (file.ends_with(kIndexSuffix)) {
    TARE_RETURN_IF_ERROR(model.OpenShards(file));
  } else {
    TARE_RETURN_IF_ERROR(model.OpenFile(file));
  }
  return model;
}

Result<SafetensorsModel> SafetensorsModel::Parse(std::span<const std::byte> bytes,
                                                 std::string name) {
  SafetensorsModel model;
  TARE_RETURN_IF_ERROR(model.AddFile(bytes, name));
  return model;
}

}  // namespace tare
