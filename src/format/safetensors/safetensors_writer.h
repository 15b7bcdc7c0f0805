#ifndef TARE_FORMAT_SAFETENSORS_SAFETENSORS_WRITER_H_
#define TARE_FORMAT_SAFETENSORS_SAFETENSORS_WRITER_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "base/atomic_file.h"
#include "base/error.h"
#include "format/tensor_file_writer.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// Writes a safetensors file. The format allows no gaps between tensors, so declare tensors of wider
// types first to have all of them aligned.
class SafetensorsWriter : public TensorFileWriter {
 public:
  static Result<SafetensorsWriter> Create(const std::string& path);

  // Adds an entry to `__metadata__`; Transformers expects "format" to be "pt".
  //   Errors  InvalidInput for a key that already exists.
  //   Precondition: no tensor data was appended yet.
  Status AddMetadata(std::string_view key, std::string_view value);

  Status DeclareTensor(std::string_view name, DType dtype, const Shape& shape) override;

 private:
  explicit SafetensorsWriter(AtomicFile file) : TensorFileWriter(std::move(file)) {}
  Status WriteHeader() override;

  std::map<std::string, std::string, std::less<>> metadata_;
  uint64_t data_bytes_ = 0;
};

}  // namespace tare

#endif  // TARE_FORMAT_SAFETENSORS_SAFETENSORS_WRITER_H_
