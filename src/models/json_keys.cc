#include "models/json_keys.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <string>

#include "format/quote.h"
#include "models/family.h"

namespace tare {

Result<size_t> GetSize(const JsonObject& config, std::string_view key, uint64_t max) {
  TARE_ASSIGN_OR_RETURN(const uint64_t value, config.GetUint(key));
  if (value == 0 || value > max) {
    return CorruptFile("{}: {} is {}, expected 1 to {}", config.name(), key, value, max);
  }
  return static_cast<size_t>(value);
}

Result<size_t> GetSizeOr(const JsonObject& config, std::string_view key, size_t fallback) {
  if (!config.Has(key)) return fallback;
  return GetSize(config, key);
}

Result<float> GetPositive(const JsonObject& config, std::string_view key) {
  TARE_ASSIGN_OR_RETURN(const double value, config.GetFloat(key));
  if (!(value > 0.0) || !std::isfinite(static_cast<float>(value))) {
    return CorruptFile("{}: {} is {}, expected more than 0", config.name(), key, value);
  }
  return static_cast<float>(value);
}

Result<float> GetPositiveOr(const JsonObject& config, std::string_view key, float fallback) {
  if (!config.Has(key)) return fallback;
  return GetPositive(config, key);
}

Result<size_t> HeadSizeOf(const JsonObject& config, size_t width, size_t heads) {
  if (width % heads == 0) return width / heads;
  return CorruptFile("{}: the width {} is not a multiple of {} heads", config.name(), width, heads);
}

namespace {

// Names for one function: GELU in its tanh form.
constexpr std::string_view kGeluTanhNames[] = {"gelu_new", "gelu_pytorch_tanh", "gelu_fast"};

bool MeanTheSame(std::string_view a, std::string_view b) {
  const auto is_gelu = [](std::string_view name) {
    return std::ranges::find(kGeluTanhNames, name) != std::end(kGeluTanhNames);
  };
  return a == b || (is_gelu(a) && is_gelu(b));
}

}  // namespace

Status ExpectSettings(const JsonObject& config, std::span<const RequiredSetting> settings) {
  for (const auto& [key, text, on, is_read] : settings) {
    if (is_read) continue;
    if (text.empty()) {
      TARE_ASSIGN_OR_RETURN(const bool value, config.GetBoolOr(key, on));
      if (value == on) continue;
      return Unsupported("{}: {} is {}, which is not supported", config.name(), key, value);
    }
    TARE_ASSIGN_OR_RETURN(const std::string value, config.GetStringOr(key, std::string(text)));
    if (MeanTheSame(value, text)) continue;
    return Unsupported("{}: {} is {}, expected \"{}\"", config.name(), key, Quote(value), text);
  }
  return {};
}

double ShortestDecimal(float value) {
  const std::string text = fmt::format("{}", value);
  double result = 0.0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

}  // namespace tare
