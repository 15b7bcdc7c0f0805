#ifndef TARE_FORMAT_GGUF_GGUF_H_
#define TARE_FORMAT_GGUF_GGUF_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/mapped_file.h"
#include "format/gguf/gguf_parser.h"
#include "format/gguf/gguf_value.h"
#include "tensor/tensor_view.h"

namespace tare {

// A GGUF model file (version 2 or 3, little-endian), whole or split into several. Its metadata and
// tensors are views on the mapped files and must not outlive this object. Move-only; moving keeps
// views valid.
class GgufFile {
 public:
  // Maps and reads a file; of a split one, given any part, all parts, which lie beside each other.
  //   Errors  Io if a file cannot be opened; InvalidInput for a part whose name does not tell the
  //           others'; those of ParseParts. Each message starts with a path.
  static Result<GgufFile> Open(const std::string& path,
                               ForeignTypes foreign_types = ForeignTypes::kRefuse);

  // Reads a file from memory, which must outlive the result. `name` replaces the path in messages.
  static Result<GgufFile> Parse(std::span<const std::byte> bytes, std::string name,
                                ForeignTypes foreign_types = ForeignTypes::kRefuse);

  // The same for the parts of a split file, in order: metadata is the first one's, tensors are
  // those of all. At least one.
  //   Errors  those of ParseGguf; CorruptFile where the parts do not belong together: another
  //           place in the order, another number of parts or tensors, a tensor twice.
  struct Part {
    std::span<const std::byte> bytes;
    std::string name;
  };
  static Result<GgufFile> ParseParts(const std::vector<Part>& parts,
                                     ForeignTypes foreign_types = ForeignTypes::kRefuse);

  // Of a split file, the first part's; so are the next three.
  const std::string& path() const { return paths_.front(); }
  uint32_t version() const { return index_.version; }
  uint64_t alignment() const { return index_.alignment; }
  uint64_t data_offset() const { return index_.data_offset; }
  // Of all parts, in order.
  const std::vector<std::string>& paths() const { return paths_; }

  // Gives the memory of the metadata back to the kernel until it is next read. Call it once the
  // metadata is no longer needed. Does nothing for a file that was parsed from memory.
  void DropMetadata() const;

  // Gives the memory of `data` back to the kernel until it is next read. Call it once a part of a
  // tensor is no longer needed. Does nothing for a file that was parsed from memory.
  void DropPages(std::span<const std::byte> data) const;

  // In file order, part by part.
  std::span<const GgufValue> values() const { return index_.values; }
  std::span<const GgufTensorInfo> tensors() const { return index_.tensors; }
  // Tensors of types that Tare cannot read; empty unless requested.
  std::span<const ForeignTensor> foreign() const { return index_.foreign; }

  // nullptr if there is none.
  const GgufValue* FindValue(std::string_view key) const;
  const TensorView* FindTensor(std::string_view name) const;

  //   Errors  CorruptFile if it is missing, or if a value has another type.
  Result<TensorView> GetTensor(std::string_view name) const;
  Result<GgufValue> GetValue(std::string_view key) const;
  Result<uint64_t> GetUint(std::string_view key) const;
  Result<float> GetFloat(std::string_view key) const;
  Result<bool> GetBool(std::string_view key) const;
  Result<std::string_view> GetString(std::string_view key) const;
  Result<GgufStrings> GetStrings(std::string_view key) const;

  // Returns `fallback` if the key is missing. Another type is still an error.
  Result<uint64_t> GetUintOr(std::string_view key, uint64_t fallback) const;
  Result<float> GetFloatOr(std::string_view key, float fallback) const;
  Result<bool> GetBoolOr(std::string_view key, bool fallback) const;
  Result<std::string_view> GetStringOr(std::string_view key, std::string_view fallback) const;

 private:
  GgufFile() = default;

  // Adds a part's tensors behind those that are there; the first part gives the rest too.
  void Append(std::string path, GgufIndex part);
  // Sorts names. Errors: CorruptFile for a tensor that is in two parts.
  Status SortNames();

  std::vector<std::string> paths_;
  std::vector<uint64_t> data_offsets_;  // of each part
  GgufIndex index_;                     // of all parts together
  std::vector<MappedFile> files_;       // empty for a file that was parsed from memory
};

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_GGUF_H_
