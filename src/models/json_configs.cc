#include "models/json_configs.h"

#include <cmath>
#include <string>

#include "base/count_text.h"
#include "format/quote.h"
#include "models/size_limits.h"

namespace tare {
namespace {

Result<size_t> GetSize(const JsonObject& config, std::string_view key,
                       uint64_t max = kMaxModelSize) {
  TARE_ASSIGN_OR_RETURN(const uint64_t value, config.GetUint(key));
  if (value == 0 || value > max) {
    return CorruptFile("{}: {} is {}, expected 1 to {}", config.name(), key, value, max);
  }
  return static_cast<size_t>(value);
}

Result<size_t> GetSizeOr(const JsonObject& config, std::string_view key, size_t fallback) {
  if (!config.Has(key)) return fallback;
  return GetSize(config, key);
}

Result<float> GetPositive(const JsonObject& config, std::string_view key) {
  TARE_ASSIGN_OR_RETURN(const double value, config.GetFloat(key));
  if (!(value > 0.0) || !std::isfinite(static_cast<float>(value))) {
    return CorruptFile("{}: {} is {}, expected more than 0", config.name(), key, value);
  }
  return static_cast<float>(value);
}

Result<float> GetPositiveOr(const JsonObject& config, std::string_view key, float fallback) {
  if (!config.Has(key)) return fallback;
  return GetPositive(config, key);
}

// A switch or name that only one value is supported of.
Status ExpectBool(const JsonObject& config, std::string_view key, bool expected) {
  TARE_ASSIGN_OR_RETURN(const bool value, config.GetBoolOr(key, expected));
  if (value == expected) return {};
  return Unsupported("{}: {} is {}, which is not supported", config.name(), key, value);
}

Status ExpectString(const JsonObject& config, std::string_view key, std::string_view expected) {
  TARE_ASSIGN_OR_RETURN(const std::string value, config.GetStringOr(key, std::string(expected)));
  if (value == expected) return {};
  return Unsupported("{}: {} is {}, expected \"{}\"", config.name(), key, Quote(value), expected);
}

Status CheckHeads(const JsonObject& config, const LlamaConfig& llama) {
  if (llama.heads % llama.kv_heads != 0) {
    return CorruptFile("{}: {} cannot share {} evenly", config.name(),
                       CountText(llama.heads, "head"), CountText(llama.kv_heads, "key/value head"));
  }
  if (llama.head_size % 2 != 0) {
    return CorruptFile("{}: the head size is {}, expected an even number for rotation",
                       config.name(), llama.head_size);
  }
  return {};
}

Result<size_t> HeadSize(const JsonObject& config, size_t width, size_t heads) {
  if (width % heads == 0) return width / heads;
  return CorruptFile("{}: a width of {} is no whole number of {} heads", config.name(), width,
                     heads);
}

Status ReadHuggingFaceRope(const JsonObject& config, LlamaConfig& llama) {
  // Newer files keep the base beside the scaling.
  const char* const key = config.Has("rope_parameters") ? "rope_parameters" : "rope_scaling";
  TARE_ASSIGN_OR_RETURN(llama.rope_base, GetPositiveOr(config, "rope_theta", 10000.0f));
  if (!config.Has(key)) return {};
  TARE_ASSIGN_OR_RETURN(const JsonObject scaling, config.GetObject(key));
  TARE_ASSIGN_OR_RETURN(llama.rope_base, GetPositiveOr(scaling, "rope_theta", llama.rope_base));
  TARE_ASSIGN_OR_RETURN(const std::string old_type, scaling.GetStringOr("type", "default"));
  TARE_ASSIGN_OR_RETURN(const std::string type, scaling.GetStringOr("rope_type", old_type));
  if (type == "default") return {};
  if (type == "linear") {
    TARE_ASSIGN_OR_RETURN(llama.rope_linear_factor, GetPositive(scaling, "factor"));
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
  llama.rope_correction = correction;
  return {};
}

Status ReadKerasRope(const JsonObject& config, LlamaConfig& llama) {
  TARE_ASSIGN_OR_RETURN(llama.rope_base, GetPositiveOr(config, "rope_max_wavelength", 10000.0f));
  TARE_ASSIGN_OR_RETURN(llama.rope_linear_factor,
                        GetPositiveOr(config, "rope_position_scaling_factor", 1.0f));
  if (!config.Has("rope_frequency_adjustment_factor")) return {};
  RopeCorrection correction;
  TARE_ASSIGN_OR_RETURN(correction.factor, GetPositive(config, "rope_frequency_adjustment_factor"));
  TARE_ASSIGN_OR_RETURN(correction.low, GetPositive(config, "rope_low_freq_factor"));
  TARE_ASSIGN_OR_RETURN(correction.high, GetPositive(config, "rope_high_freq_factor"));
  TARE_ASSIGN_OR_RETURN(correction.original_context,
                        GetSize(config, "rope_pretraining_sequence_length"));
  llama.rope_correction = correction;
  return {};
}

}  // namespace

Result<Gpt2Config> Gpt2ConfigFromKeras(const JsonObject& config) {
  Gpt2Config gpt2;
  TARE_ASSIGN_OR_RETURN(gpt2.vocabulary, GetSize(config, "vocabulary_size"));
  TARE_ASSIGN_OR_RETURN(gpt2.layers, GetSize(config, "num_layers", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(gpt2.heads, GetSize(config, "num_heads"));
  TARE_ASSIGN_OR_RETURN(gpt2.width, GetSize(config, "hidden_dim"));
  TARE_ASSIGN_OR_RETURN(gpt2.inner_width, GetSize(config, "intermediate_dim"));
  TARE_ASSIGN_OR_RETURN(gpt2.max_context, GetSize(config, "max_sequence_length"));
  TARE_RETURN_IF_ERROR(HeadSize(config, gpt2.width, gpt2.heads));
  gpt2.norm_epsilon = 1e-5f;  // GPT2Backbone's own; its configuration has none.
  return gpt2;
}

Result<LlamaConfig> LlamaConfigFromKeras(const JsonObject& config) {
  LlamaConfig llama;
  TARE_ASSIGN_OR_RETURN(llama.vocabulary, GetSize(config, "vocabulary_size"));
  TARE_ASSIGN_OR_RETURN(llama.layers, GetSize(config, "num_layers", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(llama.heads, GetSize(config, "num_query_heads"));
  TARE_ASSIGN_OR_RETURN(llama.kv_heads, GetSize(config, "num_key_value_heads"));
  TARE_ASSIGN_OR_RETURN(llama.width, GetSize(config, "hidden_dim"));
  TARE_ASSIGN_OR_RETURN(llama.inner_width, GetSize(config, "intermediate_dim"));
  TARE_ASSIGN_OR_RETURN(llama.norm_epsilon, GetPositiveOr(config, "layer_norm_epsilon", 1e-6f));
  TARE_ASSIGN_OR_RETURN(llama.head_size, HeadSize(config, llama.width, llama.heads));
  TARE_RETURN_IF_ERROR(CheckHeads(config, llama));
  TARE_RETURN_IF_ERROR(ReadKerasRope(config, llama));
  llama.max_context = kKerasLlamaContext;
  return llama;
}

Result<Gpt2Config> Gpt2ConfigFromHuggingFace(const JsonObject& config) {
  Gpt2Config gpt2;
  TARE_ASSIGN_OR_RETURN(gpt2.vocabulary, GetSize(config, "vocab_size"));
  TARE_ASSIGN_OR_RETURN(gpt2.layers, GetSize(config, "n_layer", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(gpt2.heads, GetSize(config, "n_head"));
  TARE_ASSIGN_OR_RETURN(gpt2.width, GetSize(config, "n_embd"));
  TARE_ASSIGN_OR_RETURN(gpt2.inner_width, GetSizeOr(config, "n_inner", 4 * gpt2.width));
  TARE_ASSIGN_OR_RETURN(gpt2.max_context, GetSize(config, "n_positions"));
  TARE_ASSIGN_OR_RETURN(gpt2.norm_epsilon, GetPositiveOr(config, "layer_norm_epsilon", 1e-5f));
  TARE_RETURN_IF_ERROR(HeadSize(config, gpt2.width, gpt2.heads));
  TARE_RETURN_IF_ERROR(ExpectString(config, "activation_function", "gelu_new"));
  TARE_RETURN_IF_ERROR(ExpectBool(config, "scale_attn_weights", true));
  TARE_RETURN_IF_ERROR(ExpectBool(config, "scale_attn_by_inverse_layer_idx", false));
  return gpt2;
}

Result<LlamaConfig> LlamaConfigFromHuggingFace(const JsonObject& config) {
  LlamaConfig llama;
  TARE_ASSIGN_OR_RETURN(llama.vocabulary, GetSize(config, "vocab_size"));
  TARE_ASSIGN_OR_RETURN(llama.layers, GetSize(config, "num_hidden_layers", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(llama.heads, GetSize(config, "num_attention_heads"));
  TARE_ASSIGN_OR_RETURN(llama.kv_heads, GetSizeOr(config, "num_key_value_heads", llama.heads));
  TARE_ASSIGN_OR_RETURN(llama.width, GetSize(config, "hidden_size"));
  TARE_ASSIGN_OR_RETURN(llama.inner_width, GetSize(config, "intermediate_size"));
  TARE_ASSIGN_OR_RETURN(llama.max_context, GetSizeOr(config, "max_position_embeddings", 2048));
  TARE_ASSIGN_OR_RETURN(llama.norm_epsilon, GetPositiveOr(config, "rms_norm_eps", 1e-6f));
  if (config.Has("head_dim")) {
    TARE_ASSIGN_OR_RETURN(llama.head_size, GetSize(config, "head_dim"));
  } else {
    TARE_ASSIGN_OR_RETURN(llama.head_size, HeadSize(config, llama.width, llama.heads));
  }
  TARE_RETURN_IF_ERROR(CheckHeads(config, llama));
  TARE_RETURN_IF_ERROR(ExpectString(config, "hidden_act", "silu"));
  TARE_RETURN_IF_ERROR(ExpectBool(config, "attention_bias", false));
  TARE_RETURN_IF_ERROR(ExpectBool(config, "mlp_bias", false));
  TARE_RETURN_IF_ERROR(ReadHuggingFaceRope(config, llama));
  return llama;
}

}  // namespace tare
