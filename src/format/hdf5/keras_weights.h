#ifndef TARE_FORMAT_HDF5_KERAS_WEIGHTS_H_
#define TARE_FORMAT_HDF5_KERAS_WEIGHTS_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "format/hdf5/hdf5_file.h"
#include "format/hdf5/keras_shard_index.h"
#include "format/named_tensors.h"

namespace tare {

inline constexpr char kKerasWeightsFile[] = "model.weights.h5";
inline constexpr char kKerasShardIndexFile[] = "model.weights.json";

// The variables of a KerasHub preset, whole or sharded (docs/formats.md). Names are HDF5 paths,
// "layers/reversible_embedding/vars/0"; kernels are [in…, out…]. Views lie in the mapped files
// wherever the data can be used there, and must not outlive this object. Move-only.
class KerasWeights {
 public:
  //   path    a preset's folder, a .h5 file, or a shard index (.json).
  //   Errors  those of Hdf5File::Open; CorruptFile for a wrong index: a shard that is not a file
  //           beside it, a variable in two shards, or a shard that contradicts the index.
  static Result<KerasWeights> Open(const std::string& path);

  const NamedTensors& tensors() const { return tensors_; }

  // Bytes that could not be used in place and were copied into memory.
  uint64_t copied_bytes() const { return copied_bytes_; }
  // One line each on what was copied and why, and on what was left out; empty for what Keras
  // writes.
  std::span<const std::string> notes() const { return notes_; }

  // Gives the memory of `data` back to the kernel until it is next read, if it is in a mapped file.
  // Call it once a part of a tensor is no longer needed.
  void DropPages(std::span<const std::byte> data) const {
    for (const Hdf5File& file : files_) file.DropPages(data);
  }

 private:
  KerasWeights() = default;
  Status AddFile(const std::string& path);
  Status AddShards(const std::string& index_path, const KerasShardIndex& index);
  Status SortByName();

  std::vector<Hdf5File> files_;
  NamedTensors tensors_;
  uint64_t copied_bytes_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_KERAS_WEIGHTS_H_
