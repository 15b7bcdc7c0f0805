#ifndef TARE_TENSOR_TENSOR_VIEW_H_
#define TARE_TENSOR_TENSOR_VIEW_H_

#include <cstddef>

#include "base/check.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// A contiguous row-major tensor in memory that something else owns (a MappedFile, a Storage). The
// owner must outlive the view. Cheap to copy.
struct TensorView {
  DType dtype = DType::kF32;
  Shape shape;
  const std::byte* data = nullptr;

  // Precondition: ByteSize() accepted type and shape.
  size_t bytes() const { return StoredBytes(dtype, shape.elements()); }

  const float* f32() const {
    TARE_CHECK(dtype == DType::kF32);
    return reinterpret_cast<const float*>(data);
  }
};

}  // namespace tare

#endif  // TARE_TENSOR_TENSOR_VIEW_H_
