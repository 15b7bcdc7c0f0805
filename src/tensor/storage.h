#ifndef TARE_TENSOR_STORAGE_H_
#define TARE_TENSOR_STORAGE_H_

#include "base/aligned_buffer.h"
#include "base/error.h"
#include "tensor/tensor_view.h"

namespace tare {

// A tensor that owns its bytes, which are not initialised. Move-only.
class Storage {
 public:
  // Errors: InvalidInput if the shape does not fit the type, OutOfMemory.
  static Result<Storage> Allocate(DType dtype, const Shape& shape);

  TensorView view() const { return {dtype_, shape_, buffer_.data()}; }
  std::byte* data() const { return buffer_.data(); }
  float* f32() const {
    TARE_CHECK(dtype_ == DType::kF32);
    return buffer_.as<float>();
  }

 private:
  DType dtype_ = DType::kF32;
  Shape shape_;
  AlignedBuffer buffer_;
};

}  // namespace tare

#endif  // TARE_TENSOR_STORAGE_H_
