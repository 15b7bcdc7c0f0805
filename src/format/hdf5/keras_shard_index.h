#ifndef TARE_FORMAT_HDF5_KERAS_SHARD_INDEX_H_
#define TARE_FORMAT_HDF5_KERAS_SHARD_INDEX_H_

#include <map>
#include <set>
#include <string>

#include "base/error.h"

namespace tare {

// A model.weights.json: which shards hold which variables.
struct KerasShardIndex {
  // Group of variables ("layers/dense/vars", no slash before it) → file names.
  std::map<std::string, std::set<std::string>, std::less<>> shards_of;
  std::set<std::string> shards;  // all of them

  //   Errors  those of ReadJsonFile; CorruptFile if there is no weight_map, it is empty, or a
  //           shard is not the plain name of a file (a path could lead anywhere).
  static Result<KerasShardIndex> Open(const std::string& path);
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_KERAS_SHARD_INDEX_H_
