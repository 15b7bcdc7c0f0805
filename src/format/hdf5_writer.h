#ifndef TARE_FORMAT_HDF5_WRITER_H_
#define TARE_FORMAT_HDF5_WRITER_H_

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/atomic_file.h"
#include "base/error.h"
#include "format/hdf5_layout.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// Writes an HDF5 file of contiguous little-endian datasets, such as a KerasHub preset's
// model.weights.h5: first all names, types and shapes (DeclareTensor), then their data in the same
// order and in pieces of any size (AppendTensorData), then Finish. The file appears under its name
// only then; when the writer is given up or anything fails, nothing remains. Memory: the
// declarations. The same calls give the same bytes. libhdf5 is not used.
//   Errors of every step  Io (with advice where the disk is full), or InvalidInput for a name that
//   is there already or also a group, a type HDF5 has no word for, or data that does not fit.
class Hdf5Writer {
 public:
  static Result<Hdf5Writer> Create(const std::string& path);

  // `name` is a path of groups and the dataset, "layers/dense/vars/0"; f32, f16, bf16 (as Keras
  // marks it) and i32. Precondition: no tensor data was appended yet.
  Status DeclareTensor(std::string_view name, DType dtype, const Shape& shape);

  // The next bytes of tensor `name`, which must be the first declared one that is not whole yet.
  Status AppendTensorData(std::string_view name, std::span<const std::byte> bytes);

  // Makes the file durable and gives it its name. The writer is then spent.
  Status Finish();

 private:
  explicit Hdf5Writer(AtomicFile file) : file_(std::move(file)) {}

  Status WriteMetadata();
  // Writes zeros until the file has `size` bytes.
  Status PadTo(uint64_t size);

  AtomicFile file_;
  std::vector<Hdf5Declaration> tensors_;
  std::set<std::string, std::less<>> groups_;
  std::set<std::string, std::less<>> names_;
  bool metadata_written_ = false;
  size_t current_tensor_ = 0;
  uint64_t current_bytes_ = 0;  // of the current tensor, written so far
  uint64_t written_ = 0;        // of the file
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_WRITER_H_
