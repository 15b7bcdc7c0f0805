#include "bench/plan/size_text.h"

#include <cctype>
#include <charconv>
#include <string>

namespace tare {
namespace {

// Bytes in a lower-case unit; 0 for an unknown unit.
double UnitBytes(std::string_view unit) {
  if (unit == "b") return 1;
  constexpr std::string_view kPrefixes = "kmgt";
  const size_t power = unit.empty() ? std::string_view::npos : kPrefixes.find(unit[0]);
  if (power == std::string_view::npos) return 0;
  unit.remove_prefix(1);
  if (unit != "b" && unit != "ib") return 0;
  double bytes = 1;
  for (size_t i = 0; i <= power; ++i) bytes *= unit == "ib" ? 1024 : 1000;
  return bytes;
}

}  // namespace

Result<uint64_t> ParseSize(std::string_view text) {
  double number = 0;
  const auto [end, error] =
      std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  std::string_view rest = text.substr(static_cast<size_t>(end - text.data()));
  if (rest.starts_with(' ')) rest.remove_prefix(1);
  std::string unit;
  for (const char c : rest) unit += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const double bytes = number * UnitBytes(unit);
  if (error == std::errc() && bytes >= 1 && bytes < 0x1p63) return static_cast<uint64_t>(bytes);
  return InvalidInput("\"{}\" is not a size; try 512MiB, 2GiB or 2.5GB", text);
}

}  // namespace tare
