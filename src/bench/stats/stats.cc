#include "bench/stats/stats.h"

#include <algorithm>

#include "bench/stats/bootstrap.h"

namespace tare {
namespace {

constexpr double kFence = 1.5;

std::vector<double> Sorted(std::span<const double> values) {
  std::vector<double> sorted(values.begin(), values.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

}  // namespace

double Quantile(std::span<const double> sorted, double share) {
  const double position = share * static_cast<double>(sorted.size() - 1);
  const size_t below = std::min(static_cast<size_t>(position), sorted.size() - 1);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  const double part = position - static_cast<double>(below);
  return sorted[below] + (sorted[above] - sorted[below]) * part;
}

std::vector<size_t> Outliers(std::span<const double> values) {
  std::vector<size_t> outliers;
  if (values.size() < kFewestForOutliers) return outliers;
  const std::vector<double> sorted = Sorted(values);
  const double lower = Quantile(sorted, 0.25);
  const double upper = Quantile(sorted, 0.75);
  const double reach = kFence * (upper - lower);
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] < lower - reach || values[i] > upper + reach) outliers.push_back(i);
  }
  return outliers;
}

std::vector<double> Values(std::span<const Measured> measured) {
  std::vector<double> values;
  for (const Measured& one : measured) values.push_back(one.value);
  return values;
}

std::optional<Spread> SpreadOf(std::span<const Measured> measured) {
  if (measured.empty()) return std::nullopt;
  std::vector<double> values;
  for (const Measured& one : measured) values.push_back(one.value);
  const std::vector<double> sorted = Sorted(values);
  Spread spread;
  spread.median = Quantile(sorted, 0.5);
  spread.min = sorted.front();
  spread.max = sorted.back();
  spread.lower_quartile = Quantile(sorted, 0.25);
  spread.upper_quartile = Quantile(sorted, 0.75);
  spread.count = values.size();
  if (values.size() >= kFewestForInterval) spread.interval = MedianInterval(values);
  for (const size_t i : Outliers(values)) spread.outlier_rounds.push_back(measured[i].round);
  return spread;
}

}  // namespace tare
