#include "tools/convert/convert_plan.h"

#include <utility>

#include "base/check.h"

namespace tare {
namespace {

TensorRole RoleOf(ModelPart part, bool is_bias, bool is_output) {
  if (is_bias || KindOf(part) == PartKind::kVector) return TensorRole::kVector;
  if (part == ModelPart::kPositionEmbedding) return TensorRole::kPositions;
  return is_output ? TensorRole::kOutput : TensorRole::kMatrix;
}

// Parts that lie side by side in one stored matrix are one.
void Join(std::vector<WeightPart>& parts, const WeightPart& next) {
  if (!parts.empty() && parts.back().stored.data == next.stored.data &&
      parts.back().first + parts.back().outputs == next.first) {
    parts.back().outputs += next.outputs;
  } else {
    parts.push_back(next);
  }
}

class Planner {
 public:
  Planner(const Model& model, ModelFormat format, bool tied)
      : model_(model),
        tied_(tied),
        added_to_norms_(NormOffset(model.family(), model.format()) -
                        NormOffset(model.family(), format)) {
    const std::optional<RopePairing> pairing = model.family_model().pairing();
    const RopePairing wanted = format == ModelFormat::kGguf
                                   ? model.family().gguf_pairing.value_or(RopePairing::kHalf)
                                   : RopePairing::kHalf;
    if (!pairing || *pairing == wanted) return;
    head_size_ = model.info().head_size;
    order_ = wanted == RopePairing::kInterleaved ? HeadOrder::kInterleave : HeadOrder::kSplit;
  }

  PlannedTensor Plan(const TensorSpec& spec) const {
    PlannedTensor tensor;
    for (const ModelPart part : spec.parts) {
      WeightPart source = SourceOfWeight(model_, part, spec.is_bias, spec.layer);
      if (part == ModelPart::kQuery || part == ModelPart::kKey) Reorder(source);
      if (IsNorm(part) && !spec.is_bias) source.add = added_to_norms_;
      Join(tensor.parts, source);
    }
    const ModelPart first = spec.parts.front();
    const bool is_output =
        first == ModelPart::kOutput || (first == ModelPart::kTokenEmbedding && tied_);
    tensor.name = spec.name;
    tensor.role = RoleOf(first, spec.is_bias, is_output);
    tensor.dtype = tensor.parts.front().stored.dtype;
    tensor.layout = spec.layout;
    tensor.shape = spec.shape;
    tensor.inputs = spec.inputs;
    return tensor;
  }

 private:
  void Reorder(WeightPart& part) const {
    part.order = order_;
    part.head_size = head_size_;
  }

  const Model& model_;
  const bool tied_;
  const float added_to_norms_;
  HeadOrder order_ = HeadOrder::kSame;
  size_t head_size_ = 1;
};

}  // namespace

WeightPart SourceOfWeight(const Model& model, ModelPart part, bool is_bias, size_t layer) {
  PartWeight weight = model.weights().Get(part, layer);
  if (weight.stored.layout == WeightLayout::kOutIn) {
    // Rows beside others are a view of their own.
    weight.stored = model.weights().Linear(part, layer);
    weight.stored_outputs = weight.outputs;
    weight.first = 0;
  }
  TARE_CHECK(!is_bias || weight.stored.bias.has_value());
  return {.stored = is_bias ? *weight.stored.bias : weight.stored.tensor,
          .layout = is_bias ? WeightLayout::kInOut : weight.stored.layout,
          .stored_outputs = weight.stored_outputs,
          .first = weight.first,
          .outputs = weight.outputs};
}

std::vector<PlannedTensor> PlanTensors(const Model& model, ModelFormat format, bool tied) {
  const Planner planner(model, format, tied);
  std::vector<PlannedTensor> tensors;
  for (const TensorSpec& spec :
       ListTensors(model.family().tensors, model.family_model().sizes(), format, tied)) {
    tensors.push_back(planner.Plan(spec));
  }
  return tensors;
}

}  // namespace tare
