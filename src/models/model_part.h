#ifndef TARE_MODELS_MODEL_PART_H_
#define TARE_MODELS_MODEL_PART_H_

#include <cstddef>
#include <string_view>

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
  kGate,
  kUp,
  kDown,
  kPostMlpNorm,  // of what the MLP adds
};

// "token_embedding", …
std::string_view ModelPartName(ModelPart part);

inline bool IsLayerPart(ModelPart part) { return part >= ModelPart::kAttentionNorm; }

// A row of a table belongs to a token or a position. A matrix maps inputs to outputs. A vector
// belongs to a norm; biases are vectors too.
enum class PartKind { kTable, kMatrix, kVector };
PartKind KindOf(ModelPart part);

// Whether the part is a norm's gamma (and beta).
inline bool IsNorm(ModelPart part) { return KindOf(part) == PartKind::kVector; }

// Letters: L layers, C width, F inner width, H heads, K key/value heads, D head size, V vocabulary,
// P positions.
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
};

// A part as a matrix: a vector has one input, a table has as many outputs as rows.
struct PartSize {
  size_t outputs = 0;
  size_t inputs = 0;
};
PartSize SizeOf(ModelPart part, const ModelSizes& sizes);

}  // namespace tare

#endif  // TARE_MODELS_MODEL_PART_H_
