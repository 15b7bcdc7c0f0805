#ifndef TARE_FORMAT_TENSOR_FILE_WRITER_H_
#define TARE_FORMAT_TENSOR_FILE_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// A tensor to write.
struct TensorDeclaration {
  std::string name;
  DType dtype = DType::kF32;
  Shape shape;
  uint64_t bytes = 0;
  uint64_t offset = 0;  // in the file; set when the header is laid out
};

// The base of all writers of model files. First declare every tensor's name, type and shape
// (DeclareTensor), then append their data in the same order and in pieces of any size
// (AppendTensorData), then call Finish. Only then does the file appear under its name; if the
// writer is dropped or anything fails, nothing remains. Memory: the declarations and the header.
//   Errors of every step  Io (with advice if the disk is full); InvalidInput for a name that
//   already exists, a type or shape that the format cannot hold, or data that does not fit.
class TensorFileWriter {
 public:
  virtual ~TensorFileWriter() = default;

  // `shape` is row-major, outermost first. Precondition: no tensor data was appended yet.
  virtual Status DeclareTensor(std::string_view name, DType dtype, const Shape& shape) = 0;

  // Appends the next bytes of tensor `name`, the first declared tensor that is not complete yet.
  Status AppendTensorData(std::string_view name, std::span<const std::byte> bytes);

  // Makes the file durable and gives it its name. Do not use the writer after that.
  Status Finish();

  const std::string& path() const { return file_.path(); }
  // Bytes of the file so far.
  uint64_t written_bytes() const { return written_; }

 protected:
  explicit TensorFileWriter(AtomicFile file) : file_(std::move(file)) {}
  TensorFileWriter(TensorFileWriter&&) noexcept = default;
  TensorFileWriter& operator=(TensorFileWriter&&) noexcept = default;

  // Writes everything before the data, and sets the offset of each declaration: ascending, and
  // after the bytes written so far.
  virtual Status WriteHeader() = 0;

  // For DeclareTensor. Errors: InvalidInput for a name that already exists.
  Status AddDeclaration(std::string_view name, DType dtype, const Shape& shape, uint64_t bytes);
  bool HasName(std::string_view name) const { return names_.contains(name); }
  std::vector<TensorDeclaration>& declarations() { return declarations_; }
  bool header_written() const { return header_written_; }

  Status Write(std::span<const std::byte> bytes);
  // Finish pads a smaller file with zeros to this size.
  void SetFileBytes(uint64_t bytes) { file_bytes_ = bytes; }

 private:
  Status WriteHeaderOnce();
  Status PadTo(uint64_t size);

  AtomicFile file_;
  std::vector<TensorDeclaration> declarations_;
  std::set<std::string, std::less<>> names_;
  bool header_written_ = false;
  size_t current_tensor_ = 0;
  uint64_t current_bytes_ = 0;  // of the current tensor, written so far
  uint64_t written_ = 0;        // of the file
  uint64_t file_bytes_ = 0;
};

}  // namespace tare

#endif  // TARE_FORMAT_TENSOR_FILE_WRITER_H_
