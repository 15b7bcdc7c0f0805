#ifndef TARE_MODELS_FAMILIES_GPT2_GPT2_H_
#define TARE_MODELS_FAMILIES_GPT2_GPT2_H_

#include <optional>
#include <vector>

#include "graph/graph.h"
#include "models/linear_weight.h"
#include "tensor/tensor_view.h"

namespace tare {

// Letters: C width, F inner width, H heads, D = C / H, V vocabulary, P positions, L layers.
struct Gpt2Config {
  size_t layers = 0;
  size_t width = 0;
  size_t inner_width = 0;
  size_t heads = 0;
  size_t vocabulary = 0;
  size_t max_context = 0;  // P
  float norm_epsilon = 0.0f;
};

struct Gpt2Norm {
  TensorView gamma;  // f32 [C]
  TensorView beta;   // f32 [C]
};

struct Gpt2LayerWeights {
  Gpt2Norm attention_norm;
  // Either the three, C -> C each, or `query_key_value`, C -> 3 C, where a file keeps them so that
  // no view takes them apart.
  LinearWeight query;
  LinearWeight key;
  LinearWeight value;
  std::optional<LinearWeight> query_key_value;
  LinearWeight attention_out;  // C -> C
  Gpt2Norm mlp_norm;
  LinearWeight up;    // C -> F
  LinearWeight down;  // F -> C
};

struct Gpt2Weights {
  TensorView token_embedding;     // [V, C]
  TensorView position_embedding;  // [P, C]
  LinearWeight output;            // C -> V; the embedding where it is tied
  Gpt2Norm output_norm;
  std::vector<Gpt2LayerWeights> layers;
};

// The decoder as Keras writes it (keras_hub.models.GPT2CausalLM): keras.layers.MultiHeadAttention's
// einsums, with the kernel's labels in the order in which the file stores them.
//   result   token ids i32 [1, T] -> logits f32 [1, T, V], or [1, 1, V] with last_token_only.
Graph BuildGpt2(const Gpt2Config& config, const Gpt2Weights& weights, bool last_token_only);

}  // namespace tare

#endif  // TARE_MODELS_FAMILIES_GPT2_GPT2_H_
