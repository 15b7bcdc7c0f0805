#include "tools/convert/convert_plan.h"

#include <utility>

#include "base/check.h"

namespace tare {
namespace {

TensorRole RoleOf(ModelPart part, bool is_bias, bool is_output) {
  if (is_bias || KindOf(part) == PartKind::kVector) return TensorRole::kVector;
  // Both are small, and decide much.
  if (part == ModelPart::kPositionEmbedding || part == ModelPart::kRouter) {
    return TensorRole::kExact;
  }
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
      for (WeightPart& source : SourcesOf(part, spec)) {
        if (part == ModelPart::kQuery || part == ModelPart::kKey) Reorder(source);
        if (IsNorm(part) && !spec.is_bias) source.add = added_to_norms_;
        if (spec.heads_first) {
          tensor.parts.push_back(source);
        } else {
          Join(tensor.parts, source);
        }
      }
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
    tensor.apart = spec.heads_first;
    return tensor;
  }

 private:
  // One source; or one of each head where the source or the target keeps heads apart, and of each
  // expert.
  std::vector<WeightPart> SourcesOf(ModelPart part, const TensorSpec& spec) const {
    if (IsOfExperts(part)) return ExpertsOf(part, spec);
    const WeightPart whole = SourceOfWeight(model_, part, spec.is_bias, spec.layer);
    const bool from_heads =
        !spec.is_bias && model_.weights().Get(part, spec.layer).stored.heads_first;
    if (!from_heads && !spec.heads_first) return {whole};
    const size_t size = model_.info().head_size;
    std::vector<WeightPart> heads(whole.outputs / size, whole);
    for (size_t head = 0; head < heads.size(); ++head) {
      WeightPart& one = heads[head];
      one.outputs = size;
      if (from_heads) {
        one.stored.shape = Shape{spec.inputs, size};
        one.stored.data += head * one.stored.bytes();
        one.stored_outputs = size;
        one.first = 0;
      } else {
        one.first = whole.first + head * size;
      }
    }
    return heads;
  }

  std::vector<WeightPart> ExpertsOf(ModelPart part, const TensorSpec& spec) const {
    std::vector<WeightPart> experts;
    const PartWeight& weight = model_.weights().Get(part, spec.layer);
    for (size_t i = 0; i < spec.stacked; ++i) {
      experts.push_back({.stored = weight.experts[spec.expert + i],
                         .layout = WeightLayout::kOutIn,
                         .stored_outputs = spec.outputs,
                         .outputs = spec.outputs});
    }
    return experts;
  }

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
