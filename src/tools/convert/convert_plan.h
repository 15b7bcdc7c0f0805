#ifndef TARE_TOOLS_CONVERT_CONVERT_PLAN_H_
#define TARE_TOOLS_CONVERT_CONVERT_PLAN_H_

#include <vector>

#include "describe/model_format.h"
#include "models/model.h"
#include "tools/convert/convert_tensor.h"

namespace tare {

// The tensors of a model in a format, by its family's table: names, shapes, layouts, and where
// their numbers are in the source. Query and key rows are in the order of the format's rotation.
// Types are those of the source; see ChooseTypes.
//   tied  the output is the token embedding.
std::vector<PlannedTensor> PlanTensors(const Model& model, ModelFormat format, bool tied);

// The source of a model's weight or of its bias.
WeightPart SourceOfWeight(const Model& model, ModelPart part, bool is_bias, size_t layer);

}  // namespace tare

#endif  // TARE_TOOLS_CONVERT_CONVERT_PLAN_H_
