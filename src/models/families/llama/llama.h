#ifndef TARE_MODELS_FAMILIES_LLAMA_LLAMA_H_
#define TARE_MODELS_FAMILIES_LLAMA_LLAMA_H_

#include <optional>
#include <vector>

#include "graph/graph.h"
#include "models/linear_weight.h"
#include "tensor/tensor_view.h"

namespace tare {

// Llama 3.1's correction of rotary frequencies. With wavelength w of a pair: unchanged where
// w < original_context / high, divided by `factor` where w > original_context / low, and between
// the two a blend. Source: Llama 3.1; keras_hub's RotaryEmbedding and transformers' rope_type
// "llama3" do the same.
struct RopeCorrection {
  float factor = 1.0f;
  float low = 1.0f;
  float high = 4.0f;
  size_t original_context = 8192;
};

// Letters: C width, F inner width, H heads, K key/value heads, D head size, V vocabulary, L layers.
struct LlamaConfig {
  size_t layers = 0;
  size_t width = 0;
  size_t inner_width = 0;
  size_t heads = 0;
  size_t kv_heads = 0;
  size_t head_size = 0;
  size_t vocabulary = 0;
  size_t max_context = 0;
  float norm_epsilon = 0.0f;
  float rope_base = 0.0f;
  float rope_linear_factor = 1.0f;  // positions are divided by it
  std::optional<RopeCorrection> rope_correction;
  RopePairing rope_pairing = RopePairing::kHalf;
};

// The frequency of rotary pair `pair` in [0, D / 2), in radians a token: with the correction and
// the linear factor, in double.
double RopeFrequency(const LlamaConfig& config, size_t pair);

// All borrowed. Shapes as seen by the layer; how each matrix lies is its LinearWeight's layout.
struct LlamaLayerWeights {
  TensorView attention_norm;   // [C]
  LinearWeight query;          // C -> H * D
  LinearWeight key;            // C -> K * D
  LinearWeight value;          // C -> K * D
  LinearWeight attention_out;  // H * D -> C
  TensorView mlp_norm;         // [C]
  LinearWeight gate;           // C -> F
  LinearWeight up;             // C -> F
  LinearWeight down;           // F -> C
};

struct LlamaWeights {
  TensorView embedding;                     // [V, C]
  LinearWeight output;                      // C -> V; the embedding where it is tied
  TensorView output_norm;                   // [C]
  std::optional<TensorView> rope_divisors;  // [D / 2], f32: each frequency is divided by its own
  std::vector<LlamaLayerWeights> layers;
};

// The decoder as Keras writes it: projections and attention are einsums with KerasHub's equations
// (keras_hub.models.Llama3CausalLM), with the weight's labels in the order in which the file stores
// them.
//   result   token ids i32 [1, T] -> logits f32 [1, T, V], or [1, 1, V] with last_token_only.
//   Errors   those of Storage::Allocate for the rotation frequencies.
Result<Graph> BuildLlama(const LlamaConfig& config, const LlamaWeights& weights,
                         bool last_token_only);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_LLAMA_LLAMA_H_
