#ifndef TARE_MODELS_DECODER_DECODER_SPEC_H_
#define TARE_MODELS_DECODER_DECODER_SPEC_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "models/model_part.h"
#include "tensor/layout.h"
#include "tensor/tensor_view.h"

namespace tare {

// The decoder that most families share, as data: RMS norms, rotated queries and keys, heads that
// share keys and values, a gated MLP. BuildDecoder (decoder_graph.h) makes a graph of it; which
// norms and biases there are, the weights say.

enum class RopeScalingKind : uint8_t { kNone, kWavelength, kYarn, kLongRope };

// A change of the rotation's frequencies for contexts longer than the model was first trained with.
// Each kind reads its own numbers.
struct RopeScaling {
  RopeScalingKind kind = RopeScalingKind::kNone;
  float factor = 1.0f;  // kWavelength, kYarn: frequencies are divided by it
  float low = 1.0f;     // kWavelength: turns over the original context below which all of it
  float high = 4.0f;    //          and above which none of it applies
  size_t original_context = 0;  // kWavelength, kYarn, kLongRope: tokens
  float beta_fast = 32.0f;      // kYarn: turns above which nothing is divided
  float beta_slow = 1.0f;       //        and below which all is
  bool truncate = true;         // kYarn: whether the bounds are rounded to whole dimensions
  // kYarn, kLongRope: multiplies what is rotated; nullopt: as the method's paper says.
  std::optional<float> attention_factor;
  // kLongRope: divisors of each frequency, in texts of up to original_context tokens and longer.
  std::vector<float> short_factors;
  std::vector<float> long_factors;
};

struct RopeSpec {
  float base = 10000.0f;
  size_t rotated = 0;          // elements of each head, from its first; even
  float linear_factor = 1.0f;  // positions are divided by it
  RopeScaling scaling;
  // f32 [rotated / 2]: a GGUF file's own divisors of the frequencies, in place of kWavelength's
  // numbers.
  std::optional<TensorView> divisors;
};

struct LayerSpec {
  size_t window = 0;              // keys that a query sees, its own included; 0: all
  std::optional<size_t> rope{0};  // index in DecoderSpec::ropes; nullopt: not rotated
};

enum class GateActivation : uint8_t { kSilu, kGeluTanh };

struct DecoderSpec {
  ModelSizes sizes;
  float norm_epsilon = 0.0f;
  float norm_offset =
      0.0f;  // added to every norm's gamma: 1 if the file stores the distance from 1
  GateActivation activation = GateActivation::kSilu;
  float attention_scale = 0.0f;  // of the scores
  float attention_cap = 0.0f;    // soft cap of the scores; 0: none
  float final_cap = 0.0f;        // soft cap of the logits; 0: none
  float embedding_scale = 1.0f;
  float residual_scale = 1.0f;  // of what attention and MLP add
  float logit_scale = 1.0f;
  bool normalises_experts = true;  // the weights of a token's experts sum to 1
  RopePairing pairing = RopePairing::kHalf;
  std::vector<RopeSpec> ropes = std::vector<RopeSpec>(1);
  std::vector<LayerSpec> layers;  // as many as sizes.layers
};

}  // namespace tare

#endif  // TARE_MODELS_DECODER_DECODER_SPEC_H_
