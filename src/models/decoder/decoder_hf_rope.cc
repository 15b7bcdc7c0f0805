#include "models/decoder/decoder_hf_rope.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "format/quote.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

Result<std::vector<float>> Factors(const JsonObject& scaling, std::string_view key) {
  const nlohmann::json* const value = scaling.Find(key);
  if (value == nullptr || !value->is_array()) {
    return CorruptFile("{}: {} is not a list of numbers", scaling.name(), key);
  }
  std::vector<float> factors;
  for (const nlohmann::json& number : *value) {
    if (!number.is_number()) {
      return CorruptFile("{}: {} is not a list of numbers", scaling.name(), key);
    }
    factors.push_back(number.get<float>());
  }
  return factors;
}

class RopeObjectReader {
 public:
  RopeObjectReader(const JsonObject& object, const RopeDefaults& defaults)
      : object_(object), defaults_(defaults) {}

  Result<RopeSpec> Read() {
    TARE_ASSIGN_OR_RETURN(rope_.base, GetPositiveOr(object_, "rope_theta", defaults_.base));
    TARE_ASSIGN_OR_RETURN(const float part, GetPositiveOr(object_, "partial_rotary_factor", 1.0f));
    if (part > 1.0f) {
      return CorruptFile("{}: partial_rotary_factor is {}, expected up to 1", object_.name(), part);
    }
    // Cut off, as Transformers does.
    rope_.rotated =
        static_cast<size_t>(static_cast<double>(defaults_.head_size) * static_cast<double>(part));
    TARE_ASSIGN_OR_RETURN(const std::string old_type, object_.GetStringOr("type", "default"));
    TARE_ASSIGN_OR_RETURN(const std::string type, object_.GetStringOr("rope_type", old_type));
    TARE_RETURN_IF_ERROR(ReadScaling(type));
    return std::move(rope_);
  }

 private:
  Status ReadScaling(const std::string& type) {
    if (type == "default") return {};
    if (type == "linear") {
      TARE_ASSIGN_OR_RETURN(rope_.linear_factor, GetPositive(object_, "factor"));
      return {};
    }
    if (type == "llama3") return ReadWavelength();
    if (type == "yarn") return ReadYarn();
    if (type == "longrope") return ReadLongRope();
    return Unsupported("{}: rope_type is {}, expected default, linear, llama3, yarn or longrope",
                       object_.name(), Quote(type));
  }

  Status ReadOriginalContext() {
    TARE_ASSIGN_OR_RETURN(
        rope_.scaling.original_context,
        GetSizeOr(object_, "original_max_position_embeddings", defaults_.max_context));
    return {};
  }

  Status ReadWavelength() {
    RopeScaling& scaling = rope_.scaling;
    scaling.kind = RopeScalingKind::kWavelength;
    TARE_ASSIGN_OR_RETURN(scaling.factor, GetPositive(object_, "factor"));
    TARE_ASSIGN_OR_RETURN(scaling.low, GetPositive(object_, "low_freq_factor"));
    TARE_ASSIGN_OR_RETURN(scaling.high, GetPositive(object_, "high_freq_factor"));
    return ReadOriginalContext();
  }

  Status ReadYarn() {
    RopeScaling& scaling = rope_.scaling;
    scaling.kind = RopeScalingKind::kYarn;
    TARE_RETURN_IF_ERROR(ReadOriginalContext());
    const float longer =
        static_cast<float>(defaults_.max_context) / static_cast<float>(scaling.original_context);
    TARE_ASSIGN_OR_RETURN(scaling.factor, GetPositiveOr(object_, "factor", longer));
    TARE_ASSIGN_OR_RETURN(scaling.beta_fast, GetPositiveOr(object_, "beta_fast", 32.0f));
    TARE_ASSIGN_OR_RETURN(scaling.beta_slow, GetPositiveOr(object_, "beta_slow", 1.0f));
    TARE_ASSIGN_OR_RETURN(scaling.truncate, object_.GetBoolOr("truncate", true));
    TARE_RETURN_IF_ERROR(ReadAttentionFactor());
    if (scaling.attention_factor) return {};
    TARE_ASSIGN_OR_RETURN(const double mscale, object_.GetFloatOr("mscale", 0.0));
    TARE_ASSIGN_OR_RETURN(const double all_dim, object_.GetFloatOr("mscale_all_dim", 0.0));
    if (mscale == 0.0 || all_dim == 0.0) return {};
    const double log = std::log(std::max(1.0, static_cast<double>(scaling.factor)));
    scaling.attention_factor =
        static_cast<float>((0.1 * mscale * log + 1.0) / (0.1 * all_dim * log + 1.0));
    return {};
  }

  Status ReadLongRope() {
    RopeScaling& scaling = rope_.scaling;
    scaling.kind = RopeScalingKind::kLongRope;
    TARE_RETURN_IF_ERROR(ReadOriginalContext());
    TARE_ASSIGN_OR_RETURN(scaling.short_factors, Factors(object_, "short_factor"));
    TARE_ASSIGN_OR_RETURN(scaling.long_factors, Factors(object_, "long_factor"));
    TARE_RETURN_IF_ERROR(ReadAttentionFactor());
    if (scaling.attention_factor || !object_.Has("factor")) return {};
    TARE_ASSIGN_OR_RETURN(const float factor, GetPositive(object_, "factor"));
    const double original = static_cast<double>(scaling.original_context);
    const double log = std::log(std::max(1.0, static_cast<double>(factor)));
    scaling.attention_factor = static_cast<float>(std::sqrt(1.0 + log / std::log(original)));
    return {};
  }

  Status ReadAttentionFactor() {
    if (!object_.Has("attention_factor")) return {};
    TARE_ASSIGN_OR_RETURN(rope_.scaling.attention_factor, GetPositive(object_, "attention_factor"));
    return {};
  }

  const JsonObject& object_;
  const RopeDefaults& defaults_;
  RopeSpec rope_;
};

Json Decimals(const std::vector<float>& numbers) {
  Json list = Json::array();
  for (const float number : numbers) list.push_back(ShortestDecimal(number));
  return list;
}

Json YarnJson(const RopeScaling& scaling) {
  Json json = {{"rope_type", "yarn"},
               {"factor", ShortestDecimal(scaling.factor)},
               {"original_max_position_embeddings", scaling.original_context},
               {"beta_fast", ShortestDecimal(scaling.beta_fast)},
               {"beta_slow", ShortestDecimal(scaling.beta_slow)},
               {"truncate", scaling.truncate}};
  if (scaling.attention_factor) {
    json["attention_factor"] = ShortestDecimal(*scaling.attention_factor);
  }
  return json;
}

Json LongRopeJson(const RopeScaling& scaling) {
  Json json = {{"rope_type", "longrope"},
               {"short_factor", Decimals(scaling.short_factors)},
               {"long_factor", Decimals(scaling.long_factors)},
               {"original_max_position_embeddings", scaling.original_context}};
  if (scaling.attention_factor) {
    json["attention_factor"] = ShortestDecimal(*scaling.attention_factor);
  }
  return json;
}

}  // namespace

Result<RopeSpec> ReadRopeObject(const std::optional<JsonObject>& scaling,
                                const RopeDefaults& defaults) {
  if (scaling) return RopeObjectReader(*scaling, defaults).Read();
  RopeSpec rope;
  rope.base = defaults.base;
  rope.rotated = defaults.head_size;
  return rope;
}

Result<RopeSpec> ReadHuggingFaceRope(const JsonObject& config, const RopeDefaults& defaults) {
  RopeDefaults beside = defaults;
  TARE_ASSIGN_OR_RETURN(beside.base, GetPositiveOr(config, "rope_theta", defaults.base));
  std::optional<JsonObject> scaling;
  for (const char* const key : {"rope_scaling", "rope_parameters"}) {
    if (scaling || !config.Has(key)) continue;
    TARE_ASSIGN_OR_RETURN(scaling, config.GetObject(key));
  }
  return ReadRopeObject(scaling, beside);
}

Result<Json> RopeScalingJson(const RopeSpec& rope) {
  const RopeScaling& scaling = rope.scaling;
  const bool is_linear = rope.linear_factor != 1.0f;
  if (is_linear && scaling.kind != RopeScalingKind::kNone) {
    return Unsupported(
        "rotary frequencies are both corrected and divided by {}; a Hugging Face configuration can "
        "express only one of these",
        rope.linear_factor);
  }
  if (is_linear) {
    return Json{{"rope_type", "linear"}, {"factor", ShortestDecimal(rope.linear_factor)}};
  }
  switch (scaling.kind) {
    case RopeScalingKind::kNone:
      return Json();
    case RopeScalingKind::kWavelength:
      return Json{{"rope_type", "llama3"},
                  {"factor", ShortestDecimal(scaling.factor)},
                  {"low_freq_factor", ShortestDecimal(scaling.low)},
                  {"high_freq_factor", ShortestDecimal(scaling.high)},
                  {"original_max_position_embeddings", scaling.original_context}};
    case RopeScalingKind::kYarn:
      return YarnJson(scaling);
    case RopeScalingKind::kLongRope:
      return LongRopeJson(scaling);
  }
  return Json();
}

}  // namespace tare
