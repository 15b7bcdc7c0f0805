#include "models/decoder/decoder_model.h"

#include "models/decoder/decoder_graph.h"

namespace tare {

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
