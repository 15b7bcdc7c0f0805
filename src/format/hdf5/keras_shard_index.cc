#include "format/hdf5/keras_shard_index.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "format/json/json_file.h"
#include "format/quote.h"

namespace tare {
namespace {

constexpr uint64_t kMaxIndexBytes = uint64_t{256} << 20;
constexpr size_t kMaxShards = 10'000;
constexpr std::string_view kMapKey = "weight_map";

bool IsPlainName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == name.npos &&
         name.find('\0') == name.npos;
}

Status AddShard(KerasShardIndex& index, const std::string& group, const nlohmann::json& value) {
  if (!value.is_string()) {
    return CorruptFile("weight_map: {}: expected a file's name or a list of them", Quote(group));
  }
  const auto& name = value.get_ref<const std::string&>();
  if (!IsPlainName(name)) {
    return CorruptFile("weight_map: {}: shard {} is not the plain name of a file beside the index",
                       Quote(group), Quote(name));
  }
  if (index.shards.insert(name).second && index.shards.size() > kMaxShards) {
    return CorruptFile("names more than {} shards", kMaxShards);
  }
  index.shards_of[group].insert(name);
  return {};
}

Status AddGroup(KerasShardIndex& index, std::string_view key, const nlohmann::json& value) {
  const std::string group(key.substr(key.starts_with('/') ? 1 : 0));
  if (group.empty()) return CorruptFile("weight_map: a key is empty");
  if (index.shards_of.contains(group)) {
    return CorruptFile("weight_map: {} appears twice", Quote(group));
  }
  if (!value.is_array()) return AddShard(index, group, value);
  if (value.empty()) return CorruptFile("weight_map: {}: has no shard", Quote(group));
  for (const nlohmann::json& name : value) TARE_RETURN_IF_ERROR(AddShard(index, group, name));
  return {};
}

}  // namespace

Result<KerasShardIndex> KerasShardIndex::Open(const std::string& path) {
  KerasShardIndex index;
  const JsonReceiver receiver = {
      .opens = [](JsonPath at) { return at.empty() || (at.size() == 1 && at.front() == kMapKey); },
      .take = [&](JsonPath at, nlohmann::json& value) -> Status {
        if (at.size() != 2 || at.front() != kMapKey) return {};
        return AddGroup(index, at.back(), value);
      }};
  TARE_RETURN_IF_ERROR(ReadJsonFile(path, kMaxIndexBytes, receiver));
  if (index.shards_of.empty()) {
    return CorruptFile(
        "{}: has no weight_map, or an empty one; expected groups of variables and "
        "their shards",
        path);
  }
  return index;
}

}  // namespace tare
