#ifndef TARE_BENCH_WATCH_WATCH_COST_H_
#define TARE_BENCH_WATCH_WATCH_COST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "bench/stats/stats.h"
#include "bench/watch/worker_run.h"
#include "os/interrupt.h"

namespace tare {

// What sampling does to a row's decode speed, from pairs of neighbouring windows of a decode: in
// one memory is sampled, in the other it is not.
struct WatchCost {
  uint64_t sample_interval_ns = 0;
  uint64_t window_ns = 0;  // 0: pairs of whole runs, as an earlier Tare made them
  std::vector<double> watched_tokens_per_second;  // of each pair
  std::vector<double> unwatched_tokens_per_second;
};

// Of a pair, the share of speed that sampling took: 1 − watched ÷ unwatched. The median of all
// pairs and its interval; nullopt of fewer than kFewestForInterval pairs.
struct WatchCostEstimate {
  double median = 0;
  Interval interval;
};
std::optional<WatchCostEstimate> EstimateWatchCost(const WatchCost& cost);

// Adds the pairs of windows in which the second generation made enough tokens to tell a speed, from
// when each token was known. Only tokens that began and ended within one window count.
void AddWindowPairs(const std::vector<uint64_t>& token_ns, const WatchWindows& windows,
                    WatchCost& cost);

// Runs the worker, after a first run that does not count, until there are as many pairs: with a
// second generation of 512 tokens at least, in windows of 250 ms or eight tokens, if that is
// longer.
//   Errors  Unsupported where the worker fails or makes too few tokens to tell a speed; Io when
//           interrupted.
Result<WatchCost> MeasureWatchCost(const WorkerRunOptions& options, size_t pairs,
                                   InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_WATCH_WATCH_COST_H_
