#include "models/decoder/decoder_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/count_text.h"
#include "format/quote.h"
#include "models/json_keys.h"

namespace tare {
namespace {

using Json = nlohmann::ordered_json;

constexpr char kLayerTypes[] = "layer_types";
constexpr char kFull[] = "full_attention";
constexpr char kSliding[] = "sliding_attention";

}  // namespace

Json WholeOrDecimal(float value) {
  if (value == std::floor(value) && std::abs(value) < 1e15f) return static_cast<int64_t>(value);
  return ShortestDecimal(value);
}

Json QueryScalar(const DecoderSpec& spec) {
  const double scale = static_cast<double>(spec.attention_scale);
  const double scalar = 1.0 / (scale * scale);
  // The scale is a rounded f32: a scalar errs by twice its rounding.
  constexpr double kRounding = 0x1p-22;
  if (std::abs(scalar - std::round(scalar)) <= kRounding * scalar) {
    return static_cast<int64_t>(std::round(scalar));
  }
  return scalar;
}

Status SetWindows(const JsonObject& config, size_t window,
                  const std::function<bool(size_t layer)>& slides, DecoderSpec& spec) {
  if (!config.Has(kLayerTypes)) {
    for (size_t i = 0; i < spec.layers.size(); ++i) spec.layers[i].window = slides(i) ? window : 0;
    return {};
  }
  TARE_ASSIGN_OR_RETURN(const std::vector<std::string> types, config.GetStrings(kLayerTypes));
  if (types.size() != spec.layers.size()) {
    return CorruptFile("{}: {} has {} for {}", config.name(), kLayerTypes,
                       CountText(types.size(), "type"), CountText(spec.layers.size(), "layer"));
  }
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i] != kFull && types[i] != kSliding) {
      return Unsupported("{}: {} has {}, expected {} or {}", config.name(), kLayerTypes,
                         Quote(types[i]), kFull, kSliding);
    }
    spec.layers[i].window = types[i] == kSliding ? window : 0;
  }
  return {};
}

Json LayerTypes(const DecoderSpec& spec) {
  Json types = Json::array();
  for (const LayerSpec& layer : spec.layers) types.push_back(layer.window == 0 ? kFull : kSliding);
  return types;
}

size_t WindowOf(const DecoderSpec& spec) {
  for (const LayerSpec& layer : spec.layers) {
    if (layer.window != 0) return layer.window;
  }
  return 0;
}

}  // namespace tare
