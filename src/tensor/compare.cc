#include "tensor/compare.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace tare {
namespace {

// toleranceAt(i) is element i's tolerance.
template <typename ToleranceAt>
CompareReport Compare(std::span<const float> got, std::span<const float> want,
                      const ToleranceAt& tolerance_at) {
  CompareReport report;
  for (size_t i = 0; i < got.size(); ++i) {
    if (got[i] == want[i]) continue;
    const double difference = std::fabs(static_cast<double>(got[i]) - static_cast<double>(want[i]));
    const double tolerance = tolerance_at(i);
    double ratio = difference / tolerance;
    if (std::isnan(ratio)) ratio = std::numeric_limits<double>::infinity();
    if (!(difference <= tolerance)) ++report.mismatches;
    if (ratio > report.worst_ratio) {
      report.worst_ratio = ratio;
      report.worst_index = i;
    }
  }
  report.close = report.mismatches == 0;
  if (!report.close) {
    const size_t i = report.worst_index;
    report.message =
        fmt::format("{} of {} elements differ; worst at {}: got {}, expected {} ± {}",
                    report.mismatches, got.size(), i, got[i], want[i], tolerance_at(i));
  }
  return report;
}

CompareReport SizesDiffer(size_t got, size_t want, size_t tolerance) {
  CompareReport report;
  report.mismatches = 1;
  report.message =
      fmt::format("got {} elements, expected {}, with {} tolerances", got, want, tolerance);
  return report;
}

}  // namespace

CompareReport CompareClose(std::span<const float> got, std::span<const float> want,
                           std::span<const float> tolerance) {
  if (got.size() != want.size() || got.size() != tolerance.size()) {
    return SizesDiffer(got.size(), want.size(), tolerance.size());
  }
  return Compare(got, want, [&](size_t i) { return static_cast<double>(tolerance[i]); });
}

CompareReport CompareClose(std::span<const float> got, std::span<const float> want,
                           float tolerance) {
  if (got.size() != want.size()) return SizesDiffer(got.size(), want.size(), 1);
  return Compare(got, want, [&](size_t) { return static_cast<double>(tolerance); });
}

}  // namespace tare
