#ifndef TARE_BENCH_STATS_BOOTSTRAP_H_
#define TARE_BENCH_STATS_BOOTSTRAP_H_

#include <optional>
#include <span>

#include "bench/stats/stats.h"

namespace tare {

// Intervals by resampling: kResamples times, as many values as there are are drawn with
// replacement; the interval is between the 2.5th and the 97.5th percentile of what they give. The
// draws come from a generator of fixed seed, and values are put in order first, so that the same
// values in any order give the same interval.
//   Source  Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
inline constexpr size_t kResamples = 10'000;

// Of the median. Precondition, here and below: no list is empty, and values are finite.
Interval MedianInterval(std::span<const double> values);

// What changed from one group of measurements to another, taken independently.
struct Effect {
  double difference = 0;  // of the medians: changed − base
  Interval difference_interval;
  // Changed median ÷ base median − 1; nullopt unless all of the base's values are above 0.
  std::optional<double> relative;
  std::optional<Interval> relative_interval;
};
Effect EffectOf(std::span<const double> base, std::span<const double> changed);

// The same of measurements made in the same rounds, one shortly after the other: what a machine
// that grows slower or faster does to both of a round cancels out. The difference is the median of
// the rounds' differences, `relative` of their ratios − 1; rounds are resampled. What has no
// partner of its round is left out; nullopt where nothing has.
std::optional<Effect> PairedEffectOf(std::span<const Measured> base,
                                     std::span<const Measured> changed);

}  // namespace tare

#endif  // TARE_BENCH_STATS_BOOTSTRAP_H_
