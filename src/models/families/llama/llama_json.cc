#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/count_text.h"
#include "format/quote.h"
#include "models/families/llama/llama.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kKerasContext = 131072;

Status CheckLlamaJson(const JsonObject& json, const LlamaConfig& config) {
  if (config.heads % config.kv_heads != 0) {
    return CorruptFile("{}: {} cannot share {} evenly", json.name(),
                       CountText(config.heads, "head"),
                       CountText(config.kv_heads, "key/value head"));
  }
  if (config.head_size % 2 != 0) {
    return CorruptFile("{}: the head size is {}, expected an even number for rotation", json.name(),
                       config.head_size);
  }
  return {};
}

Status ReadHuggingFaceRope(const JsonObject& json, LlamaConfig& config) {
  // Newer files keep the base beside the scaling.
  const char* const key = json.Has("rope_parameters") ? "rope_parameters" : "rope_scaling";
  TARE_ASSIGN_OR_RETURN(config.rope_base, GetPositiveOr(json, "rope_theta", 10000.0f));
  if (!json.Has(key)) return {};
  TARE_ASSIGN_OR_RETURN(const JsonObject scaling, json.GetObject(key));
  TARE_ASSIGN_OR_RETURN(config.rope_base, GetPositiveOr(scaling, "rope_theta", config.rope_base));
  TARE_ASSIGN_OR_RETURN(const std::string old_type, scaling.GetStringOr("type", "default"));
  TARE_ASSIGN_OR_RETURN(const std::string type, scaling.GetStringOr("rope_type", old_type));
  if (type == "default") return {};
  if (type == "linear") {
    TARE_ASSIGN_OR_RETURN(config.rope_linear_factor, GetPositive(scaling, "factor"));
    return {};
  }
  if (type != "llama3") {
    return Unsupported("{}: rope_type is {}, expected default, linear or llama3", scaling.name(),
                       Quote(type));
  }
  RopeCorrection correction;
  TARE_ASSIGN_OR_RETURN(correction.factor, GetPositive(scaling, "factor"));
  TARE_ASSIGN_OR_RETURN(correction.low, GetPositive(scaling, "low_freq_factor"));
  TARE_ASSIGN_OR_RETURN(correction.high, GetPositive(scaling, "high_freq_factor"));
  TARE_ASSIGN_OR_RETURN(correction.original_context,
                        GetSize(scaling, "original_max_position_embeddings"));
  config.rope_correction = correction;
  return {};
}

Status ReadKerasRope(const JsonObject& json, LlamaConfig& config) {
  TARE_ASSIGN_OR_RETURN(config.rope_base, GetPositiveOr(json, "rope_max_wavelength", 10000.0f));
  TARE_ASSIGN_OR_RETURN(config.rope_linear_factor,
                        GetPositiveOr(json, "rope_position_scaling_factor", 1.0f));
  if (!json.Has("rope_frequency_adjustment_factor")) return {};
  RopeCorrection correction;
  TARE_ASSIGN_OR_RETURN(correction.factor, GetPositive(json, "rope_frequency_adjustment_factor"));
  TARE_ASSIGN_OR_RETURN(correction.low, GetPositive(json, "rope_low_freq_factor"));
  TARE_ASSIGN_OR_RETURN(correction.high, GetPositive(json, "rope_high_freq_factor"));
  TARE_ASSIGN_OR_RETURN(correction.original_context,
                        GetSize(json, "rope_pretraining_sequence_length"));
  config.rope_correction = correction;
  return {};
}

Result<Json> RopeScaling(const LlamaConfig& config,
                         const std::optional<RopeCorrection>& correction) {
  const bool is_linear = config.rope_linear_factor != 1.0f;
  if (correction && is_linear) {
    return Unsupported(
        "rotary frequencies are both corrected and divided by {}; a Hugging Face configuration can "
        "express only one of these",
        config.rope_linear_factor);
  }
  if (is_linear) {
    return Json{{"rope_type", "linear"}, {"factor", ShortestDecimal(config.rope_linear_factor)}};
  }
  if (!correction) return Json();
  return Json{{"rope_type", "llama3"},
              {"factor", ShortestDecimal(correction->factor)},
              {"low_freq_factor", ShortestDecimal(correction->low)},
              {"high_freq_factor", ShortestDecimal(correction->high)},
              {"original_max_position_embeddings", correction->original_context}};
}

}  // namespace

Result<LlamaConfig> LlamaConfigFromHuggingFace(const JsonObject& json) {
  const HuggingFaceKeys& keys = kLlamaFamily.hugging_face_keys;
  LlamaConfig config;
  TARE_ASSIGN_OR_RETURN(config.vocabulary, GetSize(json, keys.vocabulary));
  TARE_ASSIGN_OR_RETURN(config.layers, GetSize(json, keys.layers, kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(config.heads, GetSize(json, keys.heads));
  TARE_ASSIGN_OR_RETURN(config.kv_heads, GetSizeOr(json, keys.kv_heads, config.heads));
  TARE_ASSIGN_OR_RETURN(config.width, GetSize(json, keys.width));
  TARE_ASSIGN_OR_RETURN(config.inner_width, GetSize(json, keys.inner_width));
  TARE_ASSIGN_OR_RETURN(config.max_context, GetSizeOr(json, keys.context, 2048));
  TARE_ASSIGN_OR_RETURN(config.norm_epsilon, GetPositiveOr(json, keys.norm_epsilon, 1e-6f));
  if (json.Has(keys.head_size)) {
    TARE_ASSIGN_OR_RETURN(config.head_size, GetSize(json, keys.head_size));
  } else {
    TARE_ASSIGN_OR_RETURN(config.head_size, HeadSizeOf(json, config.width, config.heads));
  }
  TARE_RETURN_IF_ERROR(CheckLlamaJson(json, config));
  TARE_RETURN_IF_ERROR(ExpectSettings(json, kLlamaFamily.hugging_face_settings));
  TARE_RETURN_IF_ERROR(ReadHuggingFaceRope(json, config));
  return config;
}

Result<LlamaConfig> LlamaConfigFromKeras(const JsonObject& json, std::optional<size_t> context) {
  LlamaConfig config;
  TARE_ASSIGN_OR_RETURN(config.vocabulary, GetSize(json, "vocabulary_size"));
  TARE_ASSIGN_OR_RETURN(config.layers, GetSize(json, "num_layers", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(config.heads, GetSize(json, "num_query_heads"));
  TARE_ASSIGN_OR_RETURN(config.kv_heads, GetSize(json, "num_key_value_heads"));
  TARE_ASSIGN_OR_RETURN(config.width, GetSize(json, "hidden_dim"));
  TARE_ASSIGN_OR_RETURN(config.inner_width, GetSize(json, "intermediate_dim"));
  TARE_ASSIGN_OR_RETURN(config.norm_epsilon, GetPositiveOr(json, "layer_norm_epsilon", 1e-6f));
  TARE_ASSIGN_OR_RETURN(config.head_size, HeadSizeOf(json, config.width, config.heads));
  TARE_RETURN_IF_ERROR(CheckLlamaJson(json, config));
  TARE_RETURN_IF_ERROR(ReadKerasRope(json, config));
  config.max_context = context.value_or(kKerasContext);
  return config;
}

Status LlamaModel::AddHuggingFaceConfig(nlohmann::ordered_json& json) const {
  TARE_ASSIGN_OR_RETURN(const std::optional<RopeCorrection> correction, Correction());
  TARE_ASSIGN_OR_RETURN(Json scaling, RopeScaling(config_, correction));
  json["hidden_act"] = "silu";
  json["vocab_size"] = config_.vocabulary;
  json["max_position_embeddings"] = config_.max_context;
  json["hidden_size"] = config_.width;
  json["intermediate_size"] = config_.inner_width;
  json["num_hidden_layers"] = config_.layers;
  json["num_attention_heads"] = config_.heads;
  json["num_key_value_heads"] = config_.kv_heads;
  json["head_dim"] = config_.head_size;
  json["rms_norm_eps"] = ShortestDecimal(config_.norm_epsilon);
  json["rope_theta"] = ShortestDecimal(config_.rope_base);
  json["rope_scaling"] = std::move(scaling);
  json["attention_bias"] = false;
  json["mlp_bias"] = false;
  return {};
}

Result<std::shared_ptr<const FamilyModel>> LlamaModel::ForKeras() const {
  LlamaConfig config = config_;
  config.rope_pairing = RopePairing::kHalf;
  TARE_ASSIGN_OR_RETURN(config.rope_correction, Correction());
  return std::shared_ptr<const FamilyModel>(std::make_shared<LlamaModel>(config));
}

Status LlamaModel::CheckKeras(bool /*tied*/) const {
  if (config_.heads * config_.head_size != config_.width) {
    return Unsupported(
        "Llama3Backbone: its head size is width / heads, but {} of size {} make {}, and the "
        "width is {}",
        CountText(config_.heads, "head"), config_.head_size, config_.heads * config_.head_size,
        config_.width);
  }
  if (config_.kv_heads == 0 || config_.heads % config_.kv_heads != 0) {
    return Unsupported("Llama3Backbone: {} cannot share {} evenly",
                       CountText(config_.heads, "head"),
                       CountText(config_.kv_heads, "key/value head"));
  }
  if (config_.rope_pairing != RopePairing::kHalf) {
    return Unsupported(
        "Llama3Backbone rotates halves, but the model rotates neighbours; permute query and key "
        "first");
  }
  return {};
}

void LlamaModel::AddKerasConfig(bool tied, nlohmann::ordered_json& json) const {
  json["vocabulary_size"] = config_.vocabulary;
  json["num_layers"] = config_.layers;
  json["num_query_heads"] = config_.heads;
  json["hidden_dim"] = config_.width;
  json["intermediate_dim"] = config_.inner_width;
  if (config_.rope_base == std::floor(config_.rope_base)) {
    json["rope_max_wavelength"] = static_cast<int64_t>(config_.rope_base);
  } else {
    json["rope_max_wavelength"] = ShortestDecimal(config_.rope_base);
  }
  json["rope_position_scaling_factor"] = ShortestDecimal(config_.rope_linear_factor);
  const auto& rope = config_.rope_correction;
  json["rope_frequency_adjustment_factor"] = rope ? Json(ShortestDecimal(rope->factor)) : Json();
  json["rope_low_freq_factor"] = rope ? Json(ShortestDecimal(rope->low)) : Json();
  json["rope_high_freq_factor"] = rope ? Json(ShortestDecimal(rope->high)) : Json();
  json["rope_pretraining_sequence_length"] = rope ? Json(rope->original_context) : Json();
  json["num_key_value_heads"] = config_.kv_heads;
  json["layer_norm_epsilon"] = ShortestDecimal(config_.norm_epsilon);
  json["dropout"] = 0;
  // KerasHub 0.32 reads it but loses it while saving; without it, it cannot load the weights.
  if (tied) json["tie_word_embeddings"] = true;
}

}  // namespace tare
