#ifndef TARE_BASE_COUNT_TEXT_H_
#define TARE_BASE_COUNT_TEXT_H_

#include <fmt/format.h>

#include <concepts>
#include <string>
#include <string_view>

namespace tare {

// A number and what it counts: "1 run", "2 runs", "1 copy", "2 copies".
//   many   the plural, if it is not `one` with an s
std::string CountText(std::integral auto count, std::string_view one, std::string_view many = {}) {
  if (count == 1) return fmt::format("{} {}", count, one);
  return many.empty() ? fmt::format("{} {}s", count, one) : fmt::format("{} {}", count, many);
}

}  // namespace tare

#endif  // TARE_BASE_COUNT_TEXT_H_
