#ifndef TARE_TOOLS_CONVERT_KERAS_PRESET_VARIABLES_H_
#define TARE_TOOLS_CONVERT_KERAS_PRESET_VARIABLES_H_

#include <string>
#include <vector>

#include "models/family.h"
#include "tensor/dtype.h"
#include "tensor/shape.h"

namespace tare {

struct KerasVariableSpec {
  std::string name;  // the path of its dataset, "layers/reversible_embedding/vars/0"
  Shape shape;
  DType dtype = DType::kF32;  // f32, f16 or bf16
  ModelPart part = ModelPart::kTokenEmbedding;
  bool is_bias = false;  // of a norm: beta
  size_t layer = 0;      // if the part belongs to a layer
};

// Every variable of the backbone's model.weights.h5 (docs/formats.md), in the order in which Tare
// writes them, all of `dtype`.
std::vector<KerasVariableSpec> KerasVariables(const ModelShape& backbone, DType dtype);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_KERAS_PRESET_VARIABLES_H_
