#ifndef TARE_FORMAT_GGUF_GGUF_WRITER_H_
#define TARE_FORMAT_GGUF_GGUF_WRITER_H_

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
#include "format/gguf/gguf_types.h"
#include "format/gguf/gguf_value.h"
#include "format/tensor_file_writer.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// Writes a GGUF file, version 3: first metadata (Add…) and declarations, then data.
//   Errors of Add…  InvalidInput for a key that already exists.
//   Precondition of Add…: no tensor data was appended yet.
class GgufWriter : public TensorFileWriter {
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

  // A value of another file, bit for bit.
  Status AddCopy(const GgufValue& value);

  // Stores the shape in reverse order.
  Status DeclareTensor(std::string_view name, DType dtype, const Shape& shape) override;

 private:
  GgufWriter(AtomicFile file, uint64_t alignment)
      : TensorFileWriter(std::move(file)), alignment_(alignment) {}

  Status AddKey(std::string_view key, GgufValueType type);
  Status AddRaw(std::string_view key, GgufValueType type, std::span<const std::byte> value);
  Status AddRawArray(std::string_view key, GgufValueType type, size_t count,
                     std::span<const std::byte> values);
  Status WriteHeader() override;

  uint64_t alignment_;
  std::set<std::string, std::less<>> keys_;
  std::vector<std::byte> metadata_;
};

}  // namespace tare

#endif  // TARE_FORMAT_GGUF_GGUF_WRITER_H_
