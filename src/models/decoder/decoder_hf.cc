// Hugging Face's config.json of the shared decoder.
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "models/decoder/decoder_checks.h"
#include "models/decoder/decoder_hf_rope.h"
#include "models/decoder/decoder_model.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

// Sets a key unless the family's class has none.
template <typename T>
void Put(std::string_view key, const T& value, Json& config) {
  if (!key.empty()) config[std::string(key)] = value;
}

class HuggingFaceDecoderReader {
 public:
  HuggingFaceDecoderReader(const Family& family, const JsonObject& config)
      : family_(family), rules_(*family.decoder), config_(config) {}

  Result<DecoderSpec> Read() {
    const HuggingFaceKeys& keys = family_.hugging_face_keys;
    TARE_RETURN_IF_ERROR(ExpectSettings(config_, family_.hugging_face_settings));
    TARE_RETURN_IF_ERROR(ReadSizes());
    SetUsualLayers(spec_);
    spec_.activation = rules_.activation;
    spec_.norm_offset = rules_.stores_norms_from_one ? 1.0f : 0.0f;
    TARE_ASSIGN_OR_RETURN(spec_.norm_epsilon,
                          GetPositiveOr(config_, keys.norm_epsilon, rules_.default_epsilon));
    const RopeDefaults defaults = {rules_.default_rope_base, spec_.sizes.head_size,
                                   spec_.sizes.max_context};
    TARE_ASSIGN_OR_RETURN(spec_.ropes[0], ReadHuggingFaceRope(config_, defaults));
    if (rules_.read_hugging_face != nullptr) {
      TARE_RETURN_IF_ERROR(rules_.read_hugging_face(config_, spec_));
    }
    TARE_RETURN_IF_ERROR(CheckDecoder(spec_, config_.name()));
    if (spec_.ropes[0].rotated != spec_.sizes.head_size && !rules_.rotates_part_of_heads) {
      return Unsupported(
          "{}: partial_rotary_factor: partial rotation is not supported for this model_type",
          config_.name());
    }
    return std::move(spec_);
  }

 private:
  Status ReadSizes() {
    const HuggingFaceKeys& keys = family_.hugging_face_keys;
    ModelSizes& sizes = spec_.sizes;
    TARE_ASSIGN_OR_RETURN(sizes.vocabulary,
                          GetSizeUnless(keys.vocabulary, rules_.default_vocabulary));
    TARE_ASSIGN_OR_RETURN(sizes.layers, GetSize(config_, keys.layers, kMaxModelLayers));
    TARE_ASSIGN_OR_RETURN(sizes.heads, GetSizeUnless(keys.heads, rules_.default_heads));
    // Null has always meant as many as heads; a missing key means what the class says.
    const bool as_heads = rules_.default_kv_heads == 0 || config_.HasNull(keys.kv_heads);
    TARE_ASSIGN_OR_RETURN(
        sizes.kv_heads,
        GetSizeOr(config_, keys.kv_heads, as_heads ? sizes.heads : rules_.default_kv_heads));
    TARE_ASSIGN_OR_RETURN(sizes.width, GetSize(config_, keys.width));
    TARE_ASSIGN_OR_RETURN(sizes.inner_width, GetSize(config_, keys.inner_width));
    TARE_ASSIGN_OR_RETURN(sizes.max_context,
                          GetSizeOr(config_, keys.context, rules_.default_context));
    if (HasOptionalBias(family_.tensors)) {
      TARE_ASSIGN_OR_RETURN(sizes.has_attention_bias, config_.GetBoolOr("attention_bias", false));
    }
    if (config_.Has(keys.head_size)) {
      TARE_ASSIGN_OR_RETURN(sizes.head_size, GetSize(config_, keys.head_size));
    } else if (rules_.default_head_size != 0) {
      sizes.head_size = rules_.default_head_size;
    } else {
      TARE_ASSIGN_OR_RETURN(sizes.head_size, HeadSizeOf(config_, sizes.width, sizes.heads));
    }
    return {};
  }

  // Required if the class has no default.
  Result<size_t> GetSizeUnless(std::string_view key, size_t usual) const {
    return usual == 0 ? GetSize(config_, key) : GetSizeOr(config_, key, usual);
  }

  const Family& family_;
  const DecoderRules& rules_;
  const JsonObject& config_;
  DecoderSpec spec_;
};

}  // namespace

Result<DecoderSpec> DecoderSpecFromHuggingFace(const Family& family, const JsonObject& config) {
  return HuggingFaceDecoderReader(family, config).Read();
}

Result<std::unique_ptr<FamilyModel>> DecoderFromHuggingFace(const Family& family,
                                                            const JsonObject& config) {
  TARE_ASSIGN_OR_RETURN(DecoderSpec spec, DecoderSpecFromHuggingFace(family, config));
  return std::unique_ptr<FamilyModel>(std::make_unique<DecoderModel>(family, std::move(spec)));
}

Status DecoderModel::AddHuggingFaceConfig(Json& config) const {
  TARE_ASSIGN_OR_RETURN(const DecoderSpec spec, WithScaling());
  TARE_ASSIGN_OR_RETURN(Json scaling, RopeScalingJson(spec.ropes[0]));
  const HuggingFaceKeys& keys = family_.hugging_face_keys;
  const ModelSizes& sizes = spec.sizes;
  for (const RequiredSetting& setting : family_.hugging_face_settings) {
    if (!setting.text.empty()) Put(setting.key, setting.text, config);
  }
  Put(keys.vocabulary, sizes.vocabulary, config);
  Put(keys.context, sizes.max_context, config);
  Put(keys.width, sizes.width, config);
  Put(keys.inner_width, sizes.inner_width, config);
  Put(keys.layers, sizes.layers, config);
  Put(keys.heads, sizes.heads, config);
  Put(keys.kv_heads, sizes.kv_heads, config);
  Put(keys.head_size, sizes.head_size, config);
  Put(keys.norm_epsilon, ShortestDecimal(spec.norm_epsilon), config);
  config["rope_theta"] = ShortestDecimal(spec.ropes[0].base);
  config["rope_scaling"] = std::move(scaling);
  if (HasOptionalBias(family_.tensors)) config["attention_bias"] = sizes.has_attention_bias;
  for (const RequiredSetting& setting : family_.hugging_face_settings) {
    if (setting.text.empty() && !setting.is_read) Put(setting.key, setting.on, config);
  }
  return rules().add_hugging_face == nullptr ? Status() : rules().add_hugging_face(spec, config);
}

}  // namespace tare
