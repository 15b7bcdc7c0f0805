#ifndef TARE_BENCH_STATS_MANN_WHITNEY_H_
#define TARE_BENCH_STATS_MANN_WHITNEY_H_

#include <cstddef>
#include <span>

namespace tare {

// p is exact up to this many values in both groups together.
inline constexpr size_t kLargestExactRankTest = 40;

// The Mann–Whitney U test: could both groups come from one distribution?
struct RankTest {
  double u = 0;  // pairs with a larger value in `a`; a tie counts one half
  double p = 1;  // two-sided
  bool exact = true;
};

// p is exact for up to kLargestExactRankTest values, with or without ties: the share of all splits
// of the pooled values into groups of these sizes that are at least as extreme, as twice the
// smaller tail and at most 1. For more values, p is the normal approximation with corrections for
// ties and continuity. Two groups of n values reach at best p = 2 / C(2n, n): 0.1 for 3, 0.0079 for
// 5.
//   Precondition  no list is empty, and values are finite.
//   Source        Mann and Whitney, Annals of Mathematical Statistics 18 (1947); the same as
//                 scipy.stats.mannwhitneyu.
RankTest MannWhitney(std::span<const double> a, std::span<const double> b);

}  // namespace tare

#endif  // TARE_BENCH_STATS_MANN_WHITNEY_H_
