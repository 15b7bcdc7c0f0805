#ifndef TARE_MODELS_DECODER_DECODER_HF_ROPE_H_
#define TARE_MODELS_DECODER_DECODER_HF_ROPE_H_

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "base/error.h"
#include "format/json/json_file.h"
#include "models/decoder/decoder_spec.h"

namespace tare {

// The rotation as Hugging Face's config.json says it. Transformers' rule of precedence:
// rope_scaling, unless null, replaces rope_parameters whole; a key inside wins over the same key
// beside it.

struct RopeDefaults {
  float base = 10000.0f;
  size_t head_size = 0;
  size_t max_context = 0;  // also the original context where none is named
};

//   Errors  those of JsonObject; CorruptFile for impossible numbers; Unsupported for another type
//   of
//           scaling, by its name.
Result<RopeSpec> ReadHuggingFaceRope(const JsonObject& config, const RopeDefaults& defaults);

// The same of one object of scaling, such as rope_parameters.full_attention; nullopt: none.
Result<RopeSpec> ReadRopeObject(const std::optional<JsonObject>& scaling,
                                const RopeDefaults& defaults);

// The value of rope_scaling; null if there is none.
//   Errors  Unsupported for more than one kind of scaling at once.
Result<nlohmann::ordered_json> RopeScalingJson(const RopeSpec& rope);

}  // namespace tare

#endif  // TARE_MODELS_DECODER_DECODER_HF_ROPE_H_
