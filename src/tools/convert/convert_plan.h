#ifndef TARE_TOOLS_CONVERT_CONVERT_PLAN_H_
#define TARE_TOOLS_CONVERT_CONVERT_PLAN_H_

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "models/model.h"
#include "tools/convert/convert_tensor.h"
#include "tools/convert/keras_preset_variables.h"

namespace tare {

// Which tensors a model has in each format: names, shapes, layouts, and where their numbers lie in
// the source. Types are those of the source; see ChooseTypes.

// Query and key rows in the order that interleaved rotation wants.
std::vector<PlannedTensor> PlanGguf(const Model& model);
std::vector<PlannedTensor> PlanHuggingFace(const Model& model);
// `variables` name the weights of the same model, in any order.
std::vector<PlannedTensor> PlanKeras(const Model& model,
                                     const std::vector<KerasVariableSpec>& variables);

// The source of a model's weight or of its bias.
WeightPart SourceOfWeight(const Model& model, ModelPart part, bool is_bias, size_t layer);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_PLAN_H_
