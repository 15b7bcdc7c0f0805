#ifndef TARE_BENCH_STATS_H_
#define TARE_BENCH_STATS_H_

#include <algorithm>
#include <cstddef>
#include <optional>
#include <vector>

namespace tare {

// Several measurements of one thing.
struct Spread {
  double median = 0;  // of an even number: the mean of the middle two
  double min = 0;
  double max = 0;
  size_t count = 0;
};

inline std::optional<Spread> SpreadOf(std::vector<double> values) {
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  const size_t middle = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return Spread{median, values.front(), values.back(), values.size()};
}

}  // namespace tare

#endif  // TARE_BENCH_STATS_H_
