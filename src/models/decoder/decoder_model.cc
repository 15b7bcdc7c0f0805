#include "models/decoder/decoder_model.h"

#include <cmath>

#include "models/decoder/decoder_graph.h"

namespace tare {

ModelMultipliers DecoderModel::multipliers() const {
  if (!rules().has_multipliers) return {};
  const auto head_size = static_cast<float>(spec_.sizes.head_size);
  return {.embedding = spec_.embedding_scale,
          .residual = spec_.residual_scale,
          .scores = spec_.attention_scale * std::sqrt(head_size),
          .logits = spec_.logit_scale};
}

Result<Graph> DecoderModel::BuildGraph(const ModelWeights& weights, bool last_token_only) const {
  return BuildDecoder(spec_, weights, last_token_only);
}

Result<DecoderSpec> DecoderModel::WithScaling() const {
  DecoderSpec spec = spec_;
  RopeSpec& rope = spec.ropes[0];
  if (rope.divisors) {
    TARE_ASSIGN_OR_RETURN(rope.scaling, ScalingOfDivisors(rope, noted_scaling_));
    rope.divisors.reset();
  }
  return spec;
}

}  // namespace tare
