#include "bench/stats/bootstrap.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tare {
namespace {

constexpr uint64_t kSeed = 20'261'123;

// SplitMix64: Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, 2014.
class SplitMix64 {
 public:
  // A number in [0, count), for count < 2^32: the high half of the next 64 bits, scaled.
  size_t Below(size_t count) { return static_cast<size_t>(((Next() >> 32) * count) >> 32); }

 private:
  uint64_t Next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  uint64_t state_ = kSeed;
};

// Draws medians of one list's resamples.
class Resampler {
 public:
  explicit Resampler(std::span<const double> values)
      : sorted_(values.begin(), values.end()), drawn_(values.size()) {
    std::sort(sorted_.begin(), sorted_.end());
  }

  const std::vector<double>& sorted() const { return sorted_; }

  double DrawMedian(SplitMix64& random) {
    // Draws positions instead of values, because both have the same order.
    for (size_t& position : drawn_) position = random.Below(sorted_.size());
    const auto middle = drawn_.begin() + static_cast<ptrdiff_t>(drawn_.size() / 2);
    std::nth_element(drawn_.begin(), middle, drawn_.end());
    if (drawn_.size() % 2 == 1) return sorted_[*middle];
    const size_t below = *std::max_element(drawn_.begin(), middle);
    return (sorted_[below] + sorted_[*middle]) / 2;
  }

 private:
  std::vector<double> sorted_;
  std::vector<size_t> drawn_;
};

Interval Percentiles(std::vector<double> statistics) {
  std::sort(statistics.begin(), statistics.end());
  return {Quantile(statistics, 0.025), Quantile(statistics, 0.975)};
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return Quantile(values, 0.5);
}

}  // namespace

Interval MedianInterval(std::span<const double> values) {
  SplitMix64 random;
  Resampler resampler(values);
  std::vector<double> medians(kResamples);
  for (double& median : medians) median = resampler.DrawMedian(random);
  return Percentiles(std::move(medians));
}

Effect EffectOf(std::span<const double> base, std::span<const double> changed) {
  SplitMix64 random;
  Resampler base_resampler(base);
  Resampler changed_resampler(changed);
  const bool has_ratio = base_resampler.sorted().front() > 0;
  std::vector<double> differences(kResamples);
  std::vector<double> ratios(has_ratio ? kResamples : 0);
  for (size_t i = 0; i < kResamples; ++i) {
    const double from = base_resampler.DrawMedian(random);
    const double to = changed_resampler.DrawMedian(random);
    differences[i] = to - from;
    if (has_ratio) ratios[i] = to / from - 1;
  }
  const double from = Quantile(base_resampler.sorted(), 0.5);
  const double to = Quantile(changed_resampler.sorted(), 0.5);
  Effect effect;
  effect.difference = to - from;
  effect.difference_interval = Percentiles(std::move(differences));
  if (has_ratio) {
    effect.relative = to / from - 1;
    effect.relative_interval = Percentiles(std::move(ratios));
  }
  return effect;
}

std::optional<Effect> PairedEffectOf(std::span<const Measured> base,
                                     std::span<const Measured> changed) {
  std::vector<double> differences, ratios;
  for (const Measured& from : base) {
    const auto to = std::ranges::find(changed, from.round, &Measured::round);
    if (to == changed.end()) continue;
    differences.push_back(to->value - from.value);
    if (from.value > 0) ratios.push_back(to->value / from.value - 1);
  }
  if (differences.empty()) return std::nullopt;
  Effect effect;
  effect.difference = Median(differences);
  effect.difference_interval = MedianInterval(differences);
  if (ratios.size() == differences.size()) {
    effect.relative = Median(ratios);
    effect.relative_interval = MedianInterval(ratios);
  }
  return effect;
}

}  // namespace tare
