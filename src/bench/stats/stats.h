#ifndef TARE_BENCH_STATS_STATS_H_
#define TARE_BENCH_STATS_STATS_H_

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace tare {

// docs/measurement.md explains the choice of these statistics.

// A 95 % interval.
struct Interval {
  double low = 0;
  double high = 0;
};

// Statistics of repeated measurements.
struct Spread {
  double median = 0;  // for an even number: the mean of the middle two
  double min = 0;
  double max = 0;
  double lower_quartile = 0;
  double upper_quartile = 0;
  size_t count = 0;
  std::optional<Interval> interval;  // the median's; needs kFewestForInterval measurements
  // Rounds with values beyond the fences, see Outliers; they count like the others.
  std::vector<size_t> outlier_rounds;
};

inline constexpr size_t kFewestForInterval = 3;

// A measurement and the round of its session.
struct Measured {
  double value = 0;
  size_t round = 0;
};

std::vector<double> Values(std::span<const Measured> measured);

// nullopt for no values. Precondition, here and below: the values are finite.
std::optional<Spread> SpreadOf(std::span<const Measured> measured);

// The quantile at `share` in [0, 1], interpolated between neighbours (Hyndman and Fan's type 7,
// NumPy's default). Precondition: `sorted` is sorted and not empty.
double Quantile(std::span<const double> sorted, double share);

// Positions of the values beyond Tukey's fences: more than 1.5 × the interquartile range below the
// lower or above the upper quartile. Empty for fewer than kFewestForOutliers values.
std::vector<size_t> Outliers(std::span<const double> values);
inline constexpr size_t kFewestForOutliers = 5;

}  // namespace tare

#endif  // TARE_BENCH_STATS_STATS_H_
