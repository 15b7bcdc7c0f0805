#ifndef TARE_MODELS_DECODER_GEMMA_RULES_H_
#define TARE_MODELS_DECODER_GEMMA_RULES_H_

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "base/error.h"
#include "format/json/json_file.h"
#include "models/decoder/decoder_spec.h"

namespace tare {

// What Gemma 2 and 3 share: how they scale and cap scores, and what KerasHub makes of them.

// 1 / sqrt(query_scalar), config.json's query_pre_attn_scalar.
float ScoreScale(double query_scalar);

// The scale of models that go by their heads' size, and of those that go by width / heads.
float ScoreScaleByHead(const ModelSizes& sizes);
float ScoreScaleByWidth(const ModelSizes& sizes);

// As GGUF's readers compute it, who have no key for it: by width in the family's largest model,
// which they know by its layers, else by head.
float GgufScoreScale(const ModelSizes& sizes, size_t layers_of_largest);

// A soft cap of a JSON configuration: `fallback` where it is missing, 0 (no cap) for null.
//   Errors  those of GetPositive.
Result<float> ReadSoftCap(const JsonObject& json, std::string_view key, float fallback);

// null for no cap.
nlohmann::ordered_json SoftCapJson(float cap);

// KerasHub's backbones of both hand layer_norm_epsilon to the last norm only; those of the layers
// have this one.
inline constexpr float kGemmaKerasEpsilon = 1e-6f;
//   Errors  Unsupported for a model with another epsilon, which KerasHub would compute otherwise.
Status CheckGemmaKerasEpsilon(const DecoderSpec& spec, std::string_view where);

}  // namespace tare

#endif  // TARE_MODELS_DECODER_GEMMA_RULES_H_
