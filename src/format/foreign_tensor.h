#ifndef TARE_FORMAT_FOREIGN_TENSOR_H_
#define TARE_FORMAT_FOREIGN_TENSOR_H_

#include <cstdint>
#include <string>

#include "tensor/shape.h"

namespace tare {

// What to do with tensors whose type Tare cannot decode: fail, or list them.
enum class ForeignTypes { kRefuse, kList };

// What is known about such a tensor without a decoder.
struct ForeignTensor {
  std::string name;
  std::string type;  // as the format spells it: "IQ3_S", "F8_E4M3"
  Shape shape;
  uint32_t file = 0;  // as in NamedTensors
  uint64_t file_offset = 0;
  uint64_t bytes = 0;
};

}  // namespace tare

#endif  // TARE_FORMAT_FOREIGN_TENSOR_H_
