#include "models/decoder/gemma_rules.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "models/json_keys.h"

namespace tare {

float ScoreScale(double query_scalar) { return static_cast<float>(1.0 / std::sqrt(query_scalar)); }

float ScoreScaleByHead(const ModelSizes& sizes) {
  return ScoreScale(static_cast<double>(sizes.head_size));
}

float ScoreScaleByWidth(const ModelSizes& sizes) {
  const size_t share = sizes.width / sizes.heads;
  return ScoreScale(static_cast<double>(share));
}

float GgufScoreScale(const ModelSizes& sizes, size_t layers_of_largest) {
  return sizes.layers == layers_of_largest ? ScoreScaleByWidth(sizes) : ScoreScaleByHead(sizes);
}

Result<float> ReadSoftCap(const JsonObject& json, std::string_view key, float fallback) {
  if (json.HasNull(key)) return 0.0f;
  return GetPositiveOr(json, key, fallback);
}

nlohmann::ordered_json SoftCapJson(float cap) {
  return cap == 0.0f ? nlohmann::ordered_json() : nlohmann::ordered_json(ShortestDecimal(cap));
}

Status CheckGemmaKerasEpsilon(const DecoderSpec& spec, std::string_view where) {
  if (spec.norm_epsilon == kGemmaKerasEpsilon) return {};
  return Unsupported("{}: layer_norm_epsilon is {}, but KerasHub's layers take {} whatever it is",
                     where, spec.norm_epsilon, kGemmaKerasEpsilon);
}

}  // namespace tare
