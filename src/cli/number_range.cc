#include "cli/number_range.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <random>
#include <string_view>
#include <utility>

namespace tare {
namespace {

// All of `text` must be the number: "12x" is none.
template <typename T>
std::optional<T> Parse(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string Unexpected(const std::string& text, std::string_view kind, std::string_view range) {
  return fmt::format("got \"{}\", expected a {} {}", text, kind, range);
}

CLI::Validator WholeNumber(int64_t least, uint64_t most, bool or_minus_one,
                           const std::string& range) {
  const auto check = [=](const std::string& text) -> std::string {
    const bool is_negative = text.starts_with('-');
    // CLI11 would read 010 as eight.
    const std::string_view digits = std::string_view(text).substr(is_negative ? 1 : 0);
    const bool is_decimal = digits.size() < 2 || digits[0] != '0';
    bool fits = false;
    if (is_decimal && is_negative) {
      const std::optional<int64_t> value = Parse<int64_t>(text);
      fits = value && (*value >= least || (or_minus_one && *value == -1));
    } else if (is_decimal) {
      const std::optional<uint64_t> value = Parse<uint64_t>(text);
      fits = value && *value <= most && (least <= 0 || *value >= static_cast<uint64_t>(least));
    }
    return fits ? std::string() : Unexpected(text, "whole number", range);
  };
  return CLI::Validator(check, range);
}

}  // namespace

CLI::Validator WholeNumber(int64_t least, uint64_t most, const std::string& minus_one) {
  std::string range = fmt::format("from {} to {}", least, most);
  if (!minus_one.empty()) range += fmt::format(", or -1 for {}", minus_one);
  return WholeNumber(least, most, !minus_one.empty(), range);
}

CLI::Validator WholeNumberWithin(const std::string& range) {
  return WholeNumber(std::numeric_limits<int64_t>::min(),
                     static_cast<uint64_t>(std::numeric_limits<int64_t>::max()), false, range);
}

CLI::Validator SeedNumber() {
  return WholeNumber(0, std::numeric_limits<uint64_t>::max(), "a random seed");
}

uint64_t SeedFrom(const std::string& text) {
  if (text != "-1") return Parse<uint64_t>(text).value_or(0);
  std::random_device device;
  return uint64_t{device()} << 32 | device();
}

CLI::Validator RealNumber(double least, double most) {
  const std::string range = std::isinf(most) ? fmt::format("of {} or more", least)
                                             : fmt::format("from {} to {}", least, most);
  const auto check = [=](const std::string& text) -> std::string {
    const std::optional<double> number = Parse<double>(text);
    const bool fits = number && std::isfinite(*number) && *number >= least && *number <= most;
    return fits ? std::string() : Unexpected(text, "number", range);
  };
  return CLI::Validator(check, range);
}

}  // namespace tare
