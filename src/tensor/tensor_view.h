#ifndef TARE_TENSOR_TENSOR_VIEW_H_
#define TARE_TENSOR_TENSOR_VIEW_H_

#include <cstddef>

#include "base/check.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

// A contiguous row-major tensor that lies in memory owned by somebody else (a MappedFile, a
// Storage), who must outlive the view. Cheap to copy.
struct TensorView {
  DType dtype = DType::kF32;
  Shape shape;
  const std::byte* data = nullptr;

  // Precondition: shape and type came through ByteSize().
  size_t bytes() const { return StoredBytes(dtype, shape.elements()); }

  const float* f32() const {
    TARE_CHECK(dtype == DType::kF32);
    return reinterpret_cast<const float*>(data);
  }
};

}  // namespace tare

#endif  // TARE_TENSOR_TENSOR_VIEW_H_
