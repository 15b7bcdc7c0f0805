#include <nlohmann/json.hpp>

#include "models/families/gpt2/gpt2.h"
#include "models/json_keys.h"

namespace tare {
namespace {

// GPT2Backbone's own; its configuration has none.
constexpr float kKerasEpsilon = 1e-5f;

}  // namespace

Result<Gpt2Config> Gpt2ConfigFromHuggingFace(const JsonObject& json) {
  const HuggingFaceKeys& keys = kGpt2Family.hugging_face_keys;
  Gpt2Config config;
  TARE_ASSIGN_OR_RETURN(config.vocabulary, GetSize(json, keys.vocabulary));
  TARE_ASSIGN_OR_RETURN(config.layers, GetSize(json, keys.layers, kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(config.heads, GetSize(json, keys.heads));
  TARE_ASSIGN_OR_RETURN(config.width, GetSize(json, keys.width));
  TARE_ASSIGN_OR_RETURN(config.inner_width, GetSizeOr(json, keys.inner_width, 4 * config.width));
  TARE_ASSIGN_OR_RETURN(config.max_context, GetSize(json, keys.context));
  TARE_ASSIGN_OR_RETURN(config.norm_epsilon, GetPositiveOr(json, keys.norm_epsilon, 1e-5f));
  TARE_RETURN_IF_ERROR(HeadSizeOf(json, config.width, config.heads));
  TARE_RETURN_IF_ERROR(ExpectSettings(json, kGpt2Family.hugging_face_settings));
  return config;
}

Result<Gpt2Config> Gpt2ConfigFromKeras(const JsonObject& json) {
  Gpt2Config config;
  TARE_ASSIGN_OR_RETURN(config.vocabulary, GetSize(json, "vocabulary_size"));
  TARE_ASSIGN_OR_RETURN(config.layers, GetSize(json, "num_layers", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(config.heads, GetSize(json, "num_heads"));
  TARE_ASSIGN_OR_RETURN(config.width, GetSize(json, "hidden_dim"));
  TARE_ASSIGN_OR_RETURN(config.inner_width, GetSize(json, "intermediate_dim"));
  TARE_ASSIGN_OR_RETURN(config.max_context, GetSize(json, "max_sequence_length"));
  TARE_RETURN_IF_ERROR(HeadSizeOf(json, config.width, config.heads));
  config.norm_epsilon = kKerasEpsilon;
  return config;
}

Status Gpt2Model::AddHuggingFaceConfig(nlohmann::ordered_json& json) const {
  json["activation_function"] = "gelu_new";
  json["vocab_size"] = config_.vocabulary;
  json["n_positions"] = config_.max_context;
  json["n_ctx"] = config_.max_context;
  json["n_embd"] = config_.width;
  json["n_layer"] = config_.layers;
  json["n_head"] = config_.heads;
  json["n_inner"] = config_.inner_width;
  json["layer_norm_epsilon"] = ShortestDecimal(config_.norm_epsilon);
  json["scale_attn_weights"] = true;
  json["scale_attn_by_inverse_layer_idx"] = false;
  json["reorder_and_upcast_attn"] = false;
  return {};
}

Result<std::shared_ptr<const FamilyModel>> Gpt2Model::ForKeras() const {
  return std::shared_ptr<const FamilyModel>(std::make_shared<Gpt2Model>(*this));
}

Status Gpt2Model::CheckKeras(bool tied) const {
  if (!tied)
    return Unsupported("GPT2Backbone has no output matrix of its own; it uses the embedding");
  if (config_.heads == 0 || config_.width % config_.heads != 0) {
    return Unsupported("GPT2Backbone: {} heads do not divide a width of {}", config_.heads,
                       config_.width);
  }
  if (config_.norm_epsilon != kKerasEpsilon) {
    return Unsupported("GPT2Backbone: its epsilon is 1e-05, but the model's is {}",
                       config_.norm_epsilon);
  }
  return {};
}

void Gpt2Model::AddKerasConfig(bool /*tied*/, nlohmann::ordered_json& json) const {
  json["vocabulary_size"] = config_.vocabulary;
  json["num_layers"] = config_.layers;
  json["num_heads"] = config_.heads;
  json["hidden_dim"] = config_.width;
  json["intermediate_dim"] = config_.inner_width;
  json["dropout"] = 0.1;
  json["max_sequence_length"] = config_.max_context;
}

}  // namespace tare
