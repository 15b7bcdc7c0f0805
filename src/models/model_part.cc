#include "models/model_part.h"

namespace tare {

std::string_view ModelPartName(ModelPart part) {
  switch (part) {
    case ModelPart::kTokenEmbedding:
      return "token_embedding";
    case ModelPart::kPositionEmbedding:
      return "position_embedding";
    case ModelPart::kOutput:
      return "output";
    case ModelPart::kOutputNorm:
      return "output_norm";
    case ModelPart::kAttentionNorm:
      return "attention_norm";
    case ModelPart::kQuery:
      return "query";
    case ModelPart::kKey:
      return "key";
    case ModelPart::kValue:
      return "value";
    case ModelPart::kQueryNorm:
      return "query_norm";
    case ModelPart::kKeyNorm:
      return "key_norm";
    case ModelPart::kAttentionOut:
      return "attention_out";
    case ModelPart::kPostAttentionNorm:
      return "post_attention_norm";
    case ModelPart::kMlpNorm:
      return "mlp_norm";
    case ModelPart::kGate:
      return "gate";
    case ModelPart::kUp:
      return "up";
    case ModelPart::kDown:
      return "down";
    case ModelPart::kRouter:
      return "router";
    case ModelPart::kExpertGate:
      return "expert_gate";
    case ModelPart::kExpertUp:
      return "expert_up";
    case ModelPart::kExpertDown:
      return "expert_down";
    case ModelPart::kPostMlpNorm:
      return "post_mlp_norm";
  }
  return "";
}

PartKind KindOf(ModelPart part) {
  switch (part) {
    case ModelPart::kTokenEmbedding:
    case ModelPart::kPositionEmbedding:
      return PartKind::kTable;
    case ModelPart::kOutputNorm:
    case ModelPart::kAttentionNorm:
    case ModelPart::kQueryNorm:
    case ModelPart::kKeyNorm:
    case ModelPart::kPostAttentionNorm:
    case ModelPart::kMlpNorm:
    case ModelPart::kPostMlpNorm:
      return PartKind::kVector;
    default:
      return PartKind::kMatrix;
  }
}

PartSize SizeOf(ModelPart part, const ModelSizes& sizes) {
  const size_t width = sizes.width;
  switch (part) {
    case ModelPart::kTokenEmbedding:
    case ModelPart::kOutput:
      return {sizes.vocabulary, width};
    case ModelPart::kPositionEmbedding:
      return {sizes.max_context, width};
    case ModelPart::kOutputNorm:
    case ModelPart::kAttentionNorm:
    case ModelPart::kPostAttentionNorm:
    case ModelPart::kMlpNorm:
    case ModelPart::kPostMlpNorm:
      return {width, 1};
    case ModelPart::kQueryNorm:
    case ModelPart::kKeyNorm:
      return {sizes.head_size, 1};
    case ModelPart::kQuery:
      return {sizes.heads * sizes.head_size, width};
    case ModelPart::kKey:
    case ModelPart::kValue:
      return {sizes.kv_heads * sizes.head_size, width};
    case ModelPart::kAttentionOut:
      return {width, sizes.heads * sizes.head_size};
    case ModelPart::kGate:
    case ModelPart::kUp:
      return {sizes.inner_width, width};
    case ModelPart::kDown:
      return {width, sizes.inner_width};
    case ModelPart::kRouter:
      return {sizes.experts, width};
    case ModelPart::kExpertGate:
    case ModelPart::kExpertUp:
      return {sizes.expert_width, width};
    case ModelPart::kExpertDown:
      return {width, sizes.expert_width};
  }
  return {};
}

bool IsInLayer(ModelPart part, size_t layer, const ModelSizes& sizes) {
  if (part >= ModelPart::kGate && part <= ModelPart::kDown) return !sizes.HasExperts(layer);
  return (part != ModelPart::kRouter && !IsOfExperts(part)) || sizes.HasExperts(layer);
}

}  // namespace tare
