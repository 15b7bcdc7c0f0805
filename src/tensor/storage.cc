#include "tensor/storage.h"

#include <utility>

namespace tare {

Result<Storage> Storage::Allocate(DType dtype, const Shape& shape) {
  const auto size = ByteSize(dtype, shape);
  if (!size) {
    return InvalidInput("a {} tensor of shape {} has no valid size in bytes", DTypeName(dtype),
                        shape.ToString());
  }
  Storage storage;
  TARE_ASSIGN_OR_RETURN(storage.buffer_, AlignedBuffer::Allocate(*size));
  storage.dtype_ = dtype;
  storage.shape_ = shape;
  return storage;
}

}  // namespace tare
