#ifndef TARE_FORMAT_SAFETENSORS_SAFETENSORS_H_
#define TARE_FORMAT_SAFETENSORS_SAFETENSORS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/foreign_tensor.h"
#include "format/named_tensors.h"
#include "format/safetensors/safetensors_header.h"
#include "tensor/storage.h"

namespace tare {

// The tensors of a model in one safetensors file, or in several with an index. Views borrow from
// the mapped files and must not outlive this object. Move-only; moving keeps views valid.
class SafetensorsModel {
 public:
  // A tensor whose type shows that it is not a weight: an attention mask, a counter.
  struct Skipped {
    std::string name;
    std::string stored_type;  // "I64", "BOOL", …; of any type where it has no elements
  };

  //   path    a `.safetensors` file, a `.safetensors.index.json`, or a folder with
  //           model.safetensors or model.safetensors.index.json (the first that exists).
  //   foreign_types  whether a tensor of a floating-point type that Tare cannot read is an error.
  //   Errors  Io; those of ParseSafetensorsHeader and ReadJsonFile; CorruptFile for an index whose
  //           shards lie in other folders, hold a tensor it does not name, or lack one it does.
  static Result<SafetensorsModel> Open(const std::string& path,
                                       ForeignTypes foreign_types = ForeignTypes::kRefuse);

  // Reads one file from memory, which must outlive the result. `name` replaces the path in
  // messages.
  static Result<SafetensorsModel> Parse(std::span<const std::byte> bytes, std::string name);

  const NamedTensors& tensors() const { return tensors_; }
  std::span<const Skipped> skipped() const { return skipped_; }
  // Tensors of types that Tare cannot read; empty unless requested.
  std::span<const ForeignTensor> foreign() const { return foreign_; }

  // What was copied into memory instead of being used in place, one line each. A tensor's elements
  // must be aligned to their size, which this format does not guarantee.
  std::span<const std::string> notes() const { return notes_; }

  // Gives the memory of `data` back to the kernel until it is next read, if it is in a mapped file.
  // Call it once a part of a tensor is no longer needed.
  void DropPages(std::span<const std::byte> data) const {
    for (const MappedFile& file : files_) {
      if (file.Contains(data)) file.Drop(data);
    }
  }

 private:
  SafetensorsModel() = default;

  Status AddFile(std::span<const std::byte> bytes, const std::string& path);
  Status AddTensor(std::span<const std::byte> bytes, SafetensorsEntry entry);
  Status OpenFile(const std::string& path);
  Status OpenShards(const std::string& index_path);
  // Sorts by name. Errors: CorruptFile if two files have a tensor of one name.
  Status SortByName();

  NamedTensors tensors_;
  ForeignTypes foreign_types_ = ForeignTypes::kRefuse;
  std::vector<Skipped> skipped_;
  std::vector<ForeignTensor> foreign_;
  std::vector<std::string> notes_;
  std::vector<MappedFile> files_;
  std::vector<Storage> copies_;
};

}  // namespace tare

#endif  // TARE_FORMAT_SAFETENSORS_SAFETENSORS_H_
