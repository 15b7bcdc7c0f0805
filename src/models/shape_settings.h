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

// The settings of a spelled-out shape, "layers=3,heads=6", read one by one. A missing key leaves
// its value unchanged.
//   Errors  InvalidInput, naming the key.
class ShapeSettings {
 public:
  static constexpr std::string_view kCommonKeys =
      "layers, heads, width, inner, vocabulary, context";

  static Result<ShapeSettings> Parse(std::string_view text);

  Status TakeSize(std::string_view key, size_t& size, uint64_t max = kMaxModelSize);
  Status TakePositive(std::string_view key, float& value);
  Status TakeBool(std::string_view key, bool& value);

  // Reads kCommonKeys. The default inner width is four times the width.
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

  // Fails if a setting is left; `more` names the keys beyond the common ones.
  Status ExpectNoMore(std::string_view more) const;

 private:
  static Status CheckHeads(size_t width, size_t heads);
  // Removes `key` from the settings; nullopt if it is missing.
  std::optional<std::string> Take(std::string_view key);

  std::map<std::string, std::string, std::less<>> settings_;  // not yet read
};

}  // namespace tare

#endif  // TARE_MODELS_SHAPE_SETTINGS_H_
