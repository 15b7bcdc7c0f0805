#ifndef TARE_MODELS_MODEL_PART_H_
#define TARE_MODELS_MODEL_PART_H_

#include <cstddef>
#include <string_view>
#include <vector>

namespace tare {

// The role of a weight in a decoder of any family and format. A family has some of them.
enum class ModelPart {
  kTokenEmbedding,
  kPositionEmbedding,
  kOutput,  // if it is not the token embedding
  kOutputNorm,
  // In every layer:
  kAttentionNorm,
  kQuery,
  kKey,
  kValue,
  kQueryNorm,  // of each head
  kKeyNorm,
  kAttentionOut,
  kPostAttentionNorm,  // of what attention adds
  kMlpNorm,
  kGate,  // these three in layers without experts
  kUp,
  kDown,
  kRouter,  // the others in layers with experts: rates them
  kExpertGate,
  kExpertUp,
  kExpertDown,
  kPostMlpNorm,  // of what the MLP adds
};

// "token_embedding", …
std::string_view ModelPartName(ModelPart part);

inline bool IsLayerPart(ModelPart part) { return part >= ModelPart::kAttentionNorm; }

// Whether every expert of a layer has a matrix of its own.
inline bool IsOfExperts(ModelPart part) {
  return part >= ModelPart::kExpertGate && part <= ModelPart::kExpertDown;
}

// A row of a table belongs to a token or a position. A matrix maps inputs to outputs. A vector
// belongs to a norm; biases are vectors too.
enum class PartKind { kTable, kMatrix, kVector };
PartKind KindOf(ModelPart part);

// Whether the part is a norm's gamma (and beta).
inline bool IsNorm(ModelPart part) { return KindOf(part) == PartKind::kVector; }

// Letters: L layers, C width, F inner width, H heads, K key/value heads, D head size, V vocabulary,
// P positions, E experts, U experts that a token uses.
struct ModelSizes {
  size_t layers = 0;
  size_t width = 0;
  size_t inner_width = 0;
  size_t heads = 0;
  size_t kv_heads = 0;
  size_t head_size = 0;
  size_t vocabulary = 0;
  size_t max_context = 0;  // P
  // Whether biases exist that only some models of a family have (PartBias::kOfSome).
  bool has_attention_bias = false;
  size_t experts = 0;       // E, in each layer that has them; 0: none has
  size_t experts_used = 0;  // U
  size_t expert_width = 0;  // the inner width of one
  // By layer: those that have an MLP in place of experts; empty: none.
  std::vector<bool> is_dense = {};

  bool HasExperts(size_t layer) const {
    return experts > 0 && (is_dense.empty() || !is_dense[layer]);
  }
};

// Whether a layer has the part, as far as experts decide it.
bool IsInLayer(ModelPart part, size_t layer, const ModelSizes& sizes);

// A part as a matrix: a vector has one input, a table has as many outputs as rows. One expert's.
struct PartSize {
  size_t outputs = 0;
  size_t inputs = 0;
};
PartSize SizeOf(ModelPart part, const ModelSizes& sizes);

}  // namespace tare

#endif  // TARE_MODELS_MODEL_PART_H_
