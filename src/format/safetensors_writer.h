#ifndef TARE_FORMAT_SAFETENSORS_WRITER_H_
#define TARE_FORMAT_SAFETENSORS_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// Writes a safetensors file. First every tensor's name, type and shape (DeclareTensor), then their
// data in the same order and in pieces of any size (AppendTensorData), then Finish. The file
// appears under its name only then; when the writer is given up or anything fails, nothing remains.
// Memory: the declarations. The format leaves no room between tensors, so that all are aligned only
// where those of wider types are declared first.
//   Errors of every step  Io (with advice where the disk is full), or InvalidInput for a name that
//   is there already, a type or shape that the format cannot hold, or data that does not fit.
//   Precondition of AddMetadata and DeclareTensor: no tensor data was appended yet.
class SafetensorsWriter {
 public:
  static Result<SafetensorsWriter> Create(const std::string& path);

  // An entry of `__metadata__`; Transformers wants "format" to be "pt".
  Status AddMetadata(std::string_view key, std::string_view value);

  // `shape` is row-major, outermost first.
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

  explicit SafetensorsWriter(AtomicFile file) : file_(std::move(file)) {}
  Status WriteHeader();

  AtomicFile file_;
  std::map<std::string, std::string, std::less<>> metadata_;
  std::set<std::string, std::less<>> names_;
  std::vector<Declaration> tensors_;
  uint64_t data_bytes_ = 0;
  bool header_written_ = false;
  size_t current_tensor_ = 0;
  uint64_t current_bytes_ = 0;  // of the current tensor, written so far
};

}  // namespace tare

#endif  // TARE_FORMAT_SAFETENSORS_WRITER_H_
