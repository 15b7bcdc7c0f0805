#ifndef TARE_BENCH_STATS_BOOTSTRAP_H_
#define TARE_BENCH_STATS_BOOTSTRAP_H_

#include <optional>
#include <span>

#include "bench/stats/stats.h"

namespace tare {

// Bootstrap intervals. Each of kResamples resamples draws as many values as there are, with
// replacement. The interval reaches from the 2.5th to the 97.5th percentile of the resampled
// statistic. The generator has a fixed seed, and values are sorted first, so the same values in any
// order give the same interval.
//   Source  Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
inline constexpr size_t kResamples = 10'000;

// The interval of the median. Precondition, here and below: no list is empty, and values are
// finite.
Interval MedianInterval(std::span<const double> values);

// The change between two independent groups of measurements.
struct Effect {
  double difference = 0;  // changed median − base median
  Interval difference_interval;
  // Changed median ÷ base median − 1; nullopt unless all base values are above 0.
  std::optional<double> relative;
  std::optional<Interval> relative_interval;
};
Effect EffectOf(std::span<const double> base, std::span<const double> changed);

// The same for measurements paired by round, made shortly after each other, so that a machine's
// slow drift cancels out. `difference` is the median of the rounds' differences, and `relative` is
// the median of their ratios − 1. Resampling draws rounds. Measurements without a partner are left
// out; returns nullopt if there are no pairs.
std::optional<Effect> PairedEffectOf(std::span<const Measured> base,
                                     std::span<const Measured> changed);

}  // namespace tare

#endif  // TARE_BENCH_STATS_BOOTSTRAP_H_
