#ifndef TARE_MODELS_ATTENTION_H_
#define TARE_MODELS_ATTENTION_H_

#include <optional>
#include <string_view>

#include "graph/builder.h"
#include "models/linear_weight.h"
#include "models/model_part.h"
#include "models/model_weights.h"

namespace tare {

// How a family writes its attention as einsums; Keras layers differ in this.
struct AttentionEquations {
  LayoutEquation query;
  LayoutEquation key_value;
  LayoutEquation output;
  std::string_view scores;
  std::string_view mix;           // of probabilities and values
  bool key_before_query = false;  // the operands of `scores`
  bool scales_query = false;      // before the product, instead of the scores after it
};

struct Rotation {
  NodeId inverse_frequencies = kNoNode;
  NodeId long_frequencies = kNoNode;  // in texts of more than long_after tokens
  size_t long_after = 0;
  RopePairing pairing = RopePairing::kHalf;
  float scale = 1.0f;  // of what is rotated
};

struct AttentionOptions {
  std::optional<Rotation> rotation;
  float scale = 0.0f;     // of the scores; 0: 1 / sqrt(D)
  float soft_cap = 0.0f;  // of the scores; 0: none
  size_t window = 0;      // keys that a query sees, its own included; 0: all
  // Of each head's query and key, before rotation, if the weights have these norms.
  float norm_epsilon = 0.0f;
  float norm_offset = 0.0f;  // added to gamma
};

// Causal self-attention of one layer, with its cache: x [1, T, C] -> [1, T, C]. H query heads share
// K key/value heads.
NodeId Attention(GraphBuilder& graph, NodeId x, const ModelWeights& weights,
                 const ModelSizes& sizes, size_t layer, const AttentionEquations& equations,
                 const AttentionOptions& options = {});

// x [1, T, C] -> logits [1, T, V]. `table` is the token embedding's node, which a tied output uses.
NodeId Logits(GraphBuilder& graph, NodeId x, const ModelWeights& weights, NodeId table);

}  // namespace tare

#endif  // TARE_MODELS_ATTENTION_H_
