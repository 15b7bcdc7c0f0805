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
// model.weights.h5. The same calls give the same bytes. libhdf5 is not used.
class Hdf5Writer : public TensorFileWriter {
 public:
  static Result<Hdf5Writer> Create(const std::string& path);

  // `name` is a path of groups and the dataset, "layers/dense/vars/0"; f32, f16, bf16 (as Keras
  // marks it) and i32. A name that is also a group is an error.
  Status DeclareTensor(std::string_view name, DType dtype, const Shape& shape) override;

 private:
  explicit Hdf5Writer(AtomicFile file) : TensorFileWriter(std::move(file)) {}
  Status WriteHeader() override;

  std::set<std::string, std::less<>> groups_;
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HDF5_WRITER_H_
