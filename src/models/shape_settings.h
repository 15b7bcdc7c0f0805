#ifndef TARE_MODELS_SHAPE_SETTINGS_H_
#define TARE_MODELS_SHAPE_SETTINGS_H_

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "describe/size_limits.h"

namespace tare {

// The settings of a shape that is spelt out, "layers=3,heads=6", taken one by one. A key that is
// not there leaves its value as it was.
//   Errors  InvalidInput, by the key.
class ShapeSettings {
 public:
  static constexpr std::string_view kCommonKeys =
      "layers, heads, width, inner, vocabulary, context";

  static Result<ShapeSettings> Parse(std::string_view text);

  Status TakeSize(std::string_view key, size_t& size, uint64_t max = kMaxModelSize);
  Status TakePositive(std::string_view key, float& value);
  Status TakeBool(std::string_view key, bool& value);

  // kCommonKeys; an inner width that is not said is four times the width.
  template <typename Config>
  Status TakeCommonSizes(Config& config) {
    TARE_RETURN_IF_ERROR(TakeSize("layers", config.layers, kMaxModelLayers));
    TARE_RETURN_IF_ERROR(TakeSize("heads", config.heads));
    TARE_RETURN_IF_ERROR(TakeSize("width", config.width));
    config.inner_width = 4 * config.width;
    TARE_RETURN_IF_ERROR(TakeSize("inner", config.inner_width));
    TARE_RETURN_IF_ERROR(TakeSize("vocabulary", config.vocabulary));
    TARE_RETURN_IF_ERROR(TakeSize("context", config.max_context));
    return CheckHeads(config.width, config.heads);
  }

  // That nothing is left; `more` names keys that there are beyond the common ones.
  Status ExpectNoMore(std::string_view more) const;

 private:
  static Status CheckHeads(size_t width, size_t heads);
  // Takes `key` out of the settings; nullopt where it is not there.
  std::optional<std::string> Take(std::string_view key);

  std::map<std::string, std::string, std::less<>> settings_;  // that are still to be used
};

}  // namespace tare

#endif  // TARE_MODELS_SHAPE_SETTINGS_H_
