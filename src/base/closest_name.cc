#include "base/closest_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

namespace tare {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// Optimal string alignment: edits that lead from a to b, no part edited twice.
size_t Distance(std::string_view a, std::string_view b) {
  // Row i holds the distances of a's first i characters from each beginning of b.
  std::vector<std::vector<size_t>> rows(a.size() + 1, std::vector<size_t>(b.size() + 1));
  for (size_t j = 0; j <= b.size(); ++j) rows[0][j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    rows[i][0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = rows[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      rows[i][j] = std::min({rows[i - 1][j] + 1, rows[i][j - 1] + 1, replaced});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) rows[i][j] = std::min(rows[i][j], rows[i - 2][j - 2] + 1);
    }
  }
  return rows[a.size()][b.size()];
}

}  // namespace

std::string_view ClosestName(std::string_view name, std::span<const std::string_view> names) {
  // Nobody mistypes this much, and distances take time and memory of the square.
  constexpr size_t kMaxLength = 64;
  if (name.empty() || name.size() > kMaxLength) return {};
  const std::string lower = Lower(name);
  std::string_view best, longer;
  size_t best_distance = 0;
  for (const std::string_view known : names) {
    const std::string candidate = Lower(known);
    const size_t distance = Distance(lower, candidate);
    const bool near = distance <= std::max<size_t>(1, candidate.size() / 3);
    if (near && candidate.size() > 1 && (best.empty() || distance < best_distance)) {
      best = known;
      best_distance = distance;
    }
    const bool begins = candidate.starts_with(lower);
    if (begins && (longer.empty() || known.size() < longer.size())) longer = known;
  }
  return best.empty() ? longer : best;
}

std::string NameAdvice(std::string_view name, std::span<const std::string_view> names) {
  const std::string_view closest = ClosestName(name, names);
  if (!closest.empty()) return fmt::format("did you mean {}?", closest);
  return fmt::format("expected {}{}", names.size() == 1 ? "" : "one of: ", fmt::join(names, ", "));
}

}  // namespace tare
