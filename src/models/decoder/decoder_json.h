#ifndef TARE_MODELS_DECODER_DECODER_JSON_H_
#define TARE_MODELS_DECODER_DECODER_JSON_H_

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "base/error.h"
#include "format/json/json_file.h"
#include "models/decoder/decoder_spec.h"

namespace tare {

// Helpers of the families' hooks for JSON configurations.

// A whole number as such, another as its shortest decimal.
nlohmann::ordered_json WholeOrDecimal(float value);

// The number whose inverse root is the scale of the scores; whole if it is nearly so.
nlohmann::ordered_json QueryScalar(const DecoderSpec& spec);

// Gives the sliding layers a window: those that layer_types says, or where config.json has no such
// list, those for which `slides(layer)`. A window of 0: none has any.
//   Errors  those of JsonObject; CorruptFile for a list of another length; Unsupported for another
//           type of layer, by its name.
Status SetWindows(const JsonObject& config, size_t window,
                  const std::function<bool(size_t layer)>& slides, DecoderSpec& spec);

// layer_types for the layers' windows.
nlohmann::ordered_json LayerTypes(const DecoderSpec& spec);

// The window of the layers that have one; 0 if none has. Layers never have different ones.
size_t WindowOf(const DecoderSpec& spec);

}  // namespace tare

#endif  // TARE_MODELS_DECODER_DECODER_JSON_H_
