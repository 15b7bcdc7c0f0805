#include "bench/stats/mann_whitney.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace tare {
namespace {

struct Ranks {
  std::vector<size_t> doubled;  // twice the mean rank of each pooled value, lowest first
  size_t a_doubled = 0;         // their sum over group a
  double tie_sum = 0;           // Σ t³ − t over groups of t equal values
};

Ranks RanksOf(std::span<const double> a, std::span<const double> b) {
  struct Pooled {
    double value;
    bool in_a;
  };
  std::vector<Pooled> pooled;
  for (const double value : a) pooled.push_back({value, true});
  for (const double value : b) pooled.push_back({value, false});
  std::sort(pooled.begin(), pooled.end(),
            [](const Pooled& x, const Pooled& y) { return x.value < y.value; });
  Ranks ranks;
  for (size_t begin = 0; begin < pooled.size();) {
    size_t end = begin;
    while (end < pooled.size() && !(pooled[begin].value < pooled[end].value)) ++end;
    const size_t doubled = begin + end + 1;  // (first rank) + (last rank), counted from 1
    for (size_t i = begin; i < end; ++i) {
      ranks.doubled.push_back(doubled);
      if (pooled[i].in_a) ranks.a_doubled += doubled;
    }
    const double ties = static_cast<double>(end - begin);
    ranks.tie_sum += ties * ties * ties - ties;
    begin = end;
  }
  return ranks;
}

// Counts the subsets of size a_count by doubled rank sum, adding one value at a time.
double ExactP(const Ranks& ranks, size_t a_count) {
  size_t largest = 0;
  for (const size_t doubled : ranks.doubled) largest += doubled;
  std::vector<std::vector<double>> ways(a_count + 1, std::vector<double>(largest + 1, 0));
  ways[0][0] = 1;
  for (const size_t doubled : ranks.doubled) {
    for (size_t count = a_count; count > 0; --count) {
      for (size_t sum = largest; sum >= doubled; --sum) {
        ways[count][sum] += ways[count - 1][sum - doubled];
      }
    }
  }
  double all = 0, low = 0, high = 0;
  for (size_t sum = 0; sum <= largest; ++sum) {
    all += ways[a_count][sum];
    if (sum <= ranks.a_doubled) low += ways[a_count][sum];
    if (sum >= ranks.a_doubled) high += ways[a_count][sum];
  }
  return std::min(1.0, 2 * std::min(low, high) / all);
}

double NormalP(const Ranks& ranks, double u, double a_count, double b_count) {
  const double total = a_count + b_count;
  const double variance =
      a_count * b_count / 12 * (total + 1 - ranks.tie_sum / (total * (total - 1)));
  if (!(variance > 0)) return 1;  // all values are equal
  const double distance = std::abs(u - a_count * b_count / 2) - 0.5;
  return std::min(1.0, std::erfc(distance / std::sqrt(2 * variance)));
}

}  // namespace

RankTest MannWhitney(std::span<const double> a, std::span<const double> b) {
  const Ranks ranks = RanksOf(a, b);
  const double a_count = static_cast<double>(a.size());
  const double b_count = static_cast<double>(b.size());
  RankTest test;
  test.u = static_cast<double>(ranks.a_doubled) / 2 - a_count * (a_count + 1) / 2;
  test.exact = a.size() + b.size() <= kLargestExactRankTest;
  test.p = test.exact ? ExactP(ranks, a.size()) : NormalP(ranks, test.u, a_count, b_count);
  return test;
}

}  // namespace tare
