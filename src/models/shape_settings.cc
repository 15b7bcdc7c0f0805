#include "models/shape_settings.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "format/quote.h"

namespace tare {

Result<ShapeSettings> ShapeSettings::Parse(std::string_view text) {
  ShapeSettings parsed;
  while (!text.empty()) {
    const std::string_view setting = text.substr(0, text.find(','));
    text.remove_prefix(std::min(setting.size() + 1, text.size()));
    const size_t equals = setting.find('=');
    if (equals == std::string_view::npos) {
      return InvalidInput("shape: {} is not a setting such as layers=3", Quote(setting));
    }
    const std::string key(setting.substr(0, equals));
    if (!parsed.settings_.emplace(key, setting.substr(equals + 1)).second) {
      return InvalidInput("shape: {} is set twice", Quote(key));
    }
  }
  return parsed;
}

std::optional<std::string> ShapeSettings::Take(std::string_view key) {
  const auto found = settings_.find(key);
  if (found == settings_.end()) return std::nullopt;
  std::string value = std::move(found->second);
  settings_.erase(found);
  return value;
}

Status ShapeSettings::TakeSize(std::string_view key, size_t& size, uint64_t max) {
  const auto text = Take(key);
  if (!text) return {};
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, size);
  if (error == std::errc() && stop == end && size > 0 && size <= max) return {};
  return InvalidInput("shape: {}={}: expected a number from 1 to {}", key, Quote(*text), max);
}

Status ShapeSettings::TakePositive(std::string_view key, float& value) {
  const auto text = Take(key);
  if (!text) return {};
  const char* const end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error == std::errc() && stop == end && value > 0.0f && std::isfinite(value)) return {};
  return InvalidInput("shape: {}={}: expected a number above 0", key, Quote(*text));
}

Status ShapeSettings::TakeBool(std::string_view key, bool& value) {
  const auto text = Take(key);
  if (!text) return {};
  if (*text != "true" && *text != "false") {
    return InvalidInput("shape: {}={}: expected true or false", key, Quote(*text));
  }
  value = *text == "true";
  return {};
}

Status ShapeSettings::CheckHeads(size_t width, size_t heads) {
  if (width % heads == 0) return {};
  return InvalidInput("shape: the width {} is not a multiple of {} heads; try width={}", width,
                      heads, (width / heads + 1) * heads);
}

Status ShapeSettings::ExpectNoMore(std::string_view more) const {
  if (settings_.empty()) return {};
  return InvalidInput("shape: there is no setting {}; expected one of: {}{}{}",
                      Quote(settings_.begin()->first), kCommonKeys, more.empty() ? "" : ", ", more);
}

}  // namespace tare
