#include "tools/convert/keras_preset_variables.h"

namespace tare {

std::vector<KerasVariableSpec> KerasVariables(const ModelShape& backbone, DType dtype) {
  std::vector<KerasVariableSpec> variables;
  for (const TensorSpec& spec :
       ListTensors(backbone.model->family().tensors, backbone.model->sizes(), ModelFormat::kKeras,
                   backbone.tied)) {
    variables.push_back(
        {spec.name, spec.shape, dtype, spec.parts.front(), spec.is_bias, spec.layer});
  }
  return variables;
}

}  // namespace tare
