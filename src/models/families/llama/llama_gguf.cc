#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "base/count_text.h"
#include "format/quote.h"
#include "models/families/llama/llama.h"
#include "models/families/llama/llama_rope.h"
#include "models/gguf_keys.h"

namespace tare {
namespace {

Status RefuseVariants(const GgufFile& file) {
  TARE_ASSIGN_OR_RETURN(const uint64_t experts, file.GetUintOr("llama.expert_count", 0));
  if (experts != 0) {
    return Unsupported("{}: llama.expert_count is {}: mixtures of experts are not supported",
                       file.path(), experts);
  }
  if (file.FindValue("llama.attention.sliding_window") != nullptr) {
    return Unsupported("{}: llama.attention.sliding_window: sliding windows are not supported",
                       file.path());
  }
  return {};
}

Result<float> LinearRopeFactor(const GgufFile& file) {
  TARE_ASSIGN_OR_RETURN(const std::string_view type,
                        file.GetStringOr("llama.rope.scaling.type", "none"));
  if (type != "none" && type != "linear") {
    return Unsupported("{}: llama.rope.scaling.type is {}, expected none or linear", file.path(),
                       Quote(type));
  }
  // Older files have the factor alone.
  TARE_ASSIGN_OR_RETURN(const float old_factor, file.GetFloatOr("llama.rope.scale_linear", 1.0f));
  TARE_ASSIGN_OR_RETURN(const float factor,
                        file.GetFloatOr("llama.rope.scaling.factor", old_factor));
  if (!(factor > 0.0f) || !std::isfinite(factor)) {
    return CorruptFile("{}: the rope scaling factor is {}, expected more than 0", file.path(),
                       factor);
  }
  const bool has_new_factor = file.FindValue("llama.rope.scaling.factor") != nullptr;
  return type == "none" && has_new_factor ? 1.0f : factor;
}

Status CheckHeads(const GgufFile& file, const LlamaConfig& config) {
  if (config.heads % config.kv_heads != 0) {
    return CorruptFile("{}: {} cannot share {} evenly", file.path(),
                       CountText(config.heads, "head"),
                       CountText(config.kv_heads, "key/value head"));
  }
  if (config.head_size % 2 != 0) {
    return CorruptFile("{}: the head size is {}, expected an even number for rotation", file.path(),
                       config.head_size);
  }
  TARE_ASSIGN_OR_RETURN(const uint64_t rotated,
                        file.GetUintOr("llama.rope.dimension_count", config.head_size));
  if (rotated != config.head_size) {
    return Unsupported(
        "{}: llama.rope.dimension_count is {} of a head size of {}: partial "
        "rotation is not supported",
        file.path(), rotated, config.head_size);
  }
  TARE_ASSIGN_OR_RETURN(const uint64_t value_size,
                        file.GetUintOr("llama.attention.value_length", config.head_size));
  if (value_size != config.head_size) {
    return Unsupported("{}: values have size {} but keys have size {}, expected one head size",
                       file.path(), value_size, config.head_size);
  }
  return {};
}

}  // namespace

Result<LlamaConfig> LlamaConfigFromGguf(const GgufFile& file) {
  TARE_RETURN_IF_ERROR(RefuseVariants(file));
  LlamaConfig config;
  TARE_ASSIGN_OR_RETURN(config.layers, GetSize(file, "llama.block_count", kMaxModelLayers));
  TARE_ASSIGN_OR_RETURN(config.width, GetSize(file, "llama.embedding_length"));
  TARE_ASSIGN_OR_RETURN(config.inner_width, GetSize(file, "llama.feed_forward_length"));
  TARE_ASSIGN_OR_RETURN(config.heads, GetSize(file, "llama.attention.head_count"));
  TARE_ASSIGN_OR_RETURN(config.kv_heads,
                        GetSizeOr(file, "llama.attention.head_count_kv", config.heads));
  TARE_ASSIGN_OR_RETURN(config.max_context, GetSize(file, "llama.context_length"));
  TARE_ASSIGN_OR_RETURN(config.norm_epsilon,
                        GetEpsilon(file, "llama.attention.layer_norm_rms_epsilon"));
  TARE_ASSIGN_OR_RETURN(config.rope_base, file.GetFloatOr("llama.rope.freq_base", 10000.0f));
  if (!(config.rope_base > 0.0f) || !std::isfinite(config.rope_base)) {
    return CorruptFile("{}: llama.rope.freq_base is {}, expected more than 0", file.path(),
                       config.rope_base);
  }
  TARE_ASSIGN_OR_RETURN(config.rope_linear_factor, LinearRopeFactor(file));
  if (config.width % config.heads != 0 && file.FindValue("llama.attention.key_length") == nullptr) {
    return CorruptFile("{}: the width {} is not a multiple of {} heads", file.path(), config.width,
                       config.heads);
  }
  TARE_ASSIGN_OR_RETURN(config.head_size,
                        GetSizeOr(file, "llama.attention.key_length", config.width / config.heads));
  TARE_RETURN_IF_ERROR(CheckHeads(file, config));
  TARE_ASSIGN_OR_RETURN(config.vocabulary, GetVocabularySize(file, "llama.vocab_size"));
  // GGUF stores query and key rows permuted for it.
  config.rope_pairing = RopePairing::kInterleaved;
  return config;
}

void LlamaModel::AddGgufKeys(GgufKeyWriter& keys) const {
  keys.Uint("attention.head_count_kv", config_.kv_heads);
  keys.Float("attention.layer_norm_rms_epsilon", config_.norm_epsilon);
  keys.Float("rope.freq_base", config_.rope_base);
  keys.Uint("rope.dimension_count", config_.head_size);
  if (config_.head_size * config_.heads != config_.width) {
    keys.Uint("attention.key_length", config_.head_size);
    keys.Uint("attention.value_length", config_.head_size);
  }
  if (config_.rope_linear_factor != 1.0f) {
    keys.String("rope.scaling.type", "linear");
    keys.Float("rope.scaling.factor", config_.rope_linear_factor);
  }
}

GgufExtras LlamaModel::MakeGgufExtras() const {
  std::optional<RopeCorrection> correction = config_.rope_correction;
  std::vector<float> divisors;
  if (rope_divisors_) {
    divisors.assign(rope_divisors_->f32(), rope_divisors_->f32() + config_.head_size / 2);
    // A file whose divisors follow from nothing known is copied as it is.
    if (const auto known = Correction(); known.ok()) correction = *known;
  } else if (correction) {
    divisors = RopeDivisors(config_);
  }
  GgufExtras extras;
  if (correction) {
    extras.keys.push_back({kRopeCorrectionKey,
                           {correction->factor, correction->low, correction->high,
                            static_cast<float>(correction->original_context)}});
  }
  if (!divisors.empty()) extras.tensors.push_back({kRopeDivisorsTensor, std::move(divisors)});
  return extras;
}

}  // namespace tare
