#ifndef TARE_FORMAT_GGUF_WRITER_H_
#define TARE_FORMAT_GGUF_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "format/gguf_types.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// Writes a GGUF file, version 3. First all metadata (Add…) and all tensors' names, types and
// shapes (DeclareTensor), then their data in the same order and in pieces of any size
// (AppendTensorData), then Finish. The file appears under its name only then; when the writer is
// given up or anything fails, nothing remains. Memory: the metadata and the declarations.
//   Errors of every step  Io (with advice where the disk is full), or InvalidInput for a name that
//   is there already, a type or shape that GGUF cannot hold, or data that does not fit.
//   Precondition of Add… and DeclareTensor: no tensor data was appended yet.
class GgufWriter {
 public:
  //   alignment  of tensor data: a power of two from kGgufMinAlignment to kGgufMaxAlignment.
  static Result<GgufWriter> Create(const std::string& path,
                                   uint64_t alignment = kGgufDefaultAlignment);

  // T is bool or one of the fixed-width integer and floating-point types.
  template <typename T>
  Status AddScalar(std::string_view key, T value) {
    return AddRaw(key, kGgufValueTypeOf<T>, std::as_bytes(std::span(&value, 1)));
  }
  template <typename T>
  Status AddArray(std::string_view key, std::span<const T> values) {
    return AddRawArray(key, kGgufValueTypeOf<T>, values.size(), std::as_bytes(values));
  }
  Status AddString(std::string_view key, std::string_view value);
  Status AddStrings(std::string_view key, std::span<const std::string_view> values);

  // `shape` is row-major, outermost first; it is stored reversed.
  Status DeclareTensor(std::string_view name, DType dtype, const Shape& shape);

  // The next bytes of tensor `name`, which must be the first declared one that is not whole yet.
  Status AppendTensorData(std::string_view name, std::span<const std::byte> bytes);

  // Makes the file durable and gives it its name. The writer is then spent.
  Status Finish();

 private:
  struct Declaration {
    std::string name;
    DType dtype;
    Shape shape;
    uint64_t bytes;
  };

  GgufWriter(AtomicFile file, uint64_t alignment) : file_(std::move(file)), alignment_(alignment) {}

  Status AddKey(std::string_view key, GgufValueType type);
  Status AddRaw(std::string_view key, GgufValueType type, std::span<const std::byte> value);
  Status AddRawArray(std::string_view key, GgufValueType type, size_t count,
                     std::span<const std::byte> values);
  Status WriteHeader();
  Status WritePadding(uint64_t written);
  // Moves on to the next tensor where the current one is whole.
  Status CompleteTensor();

  AtomicFile file_;
  uint64_t alignment_;
  std::set<std::string, std::less<>> keys_;
  std::set<std::string, std::less<>> tensor_names_;
  std::vector<std::byte> metadata_;
  std::vector<Declaration> tensors_;
  bool header_written_ = false;
  size_t current_tensor_ = 0;
  uint64_t current_bytes_ = 0;  // of the current tensor, written so far
};

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_WRITER_H_
