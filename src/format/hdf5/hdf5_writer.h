#ifndef TARE_FORMAT_HDF5_HDF5_WRITER_H_
#define TARE_FORMAT_HDF5_HDF5_WRITER_H_

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "format/tensor_file_writer.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// Writes an HDF5 file of contiguous little-endian datasets, such as a KerasHub preset's
// model.weights.h5. The same calls give the same bytes. Does not use libhdf5.
class Hdf5Writer : public TensorFileWriter {
 public:
  static Result<Hdf5Writer> Create(const std::string& path);

  // `name` is the path of the dataset, "layers/dense/vars/0"; it must not be a group too. Types:
  // f32, f16, bf16 (marked as Keras does) and i32.
  Status DeclareTensor(std::string_view name, DType dtype, const Shape& shape) override;

 private:
  explicit Hdf5Writer(AtomicFile file) : TensorFileWriter(std::move(file)) {}
  Status WriteHeader() override;

  std::set<std::string, std::less<>> groups_;
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HDF5_WRITER_H_
