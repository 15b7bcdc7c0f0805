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

// How much sampling slows a row's decoding. Compares pairs of neighbouring windows of one
// generation: one window is sampled, the other is not.
struct WatchCost {
  uint64_t sample_interval_ns = 0;
  uint64_t window_ns = 0;  // 0: pairs of whole runs, as an earlier Tare measured
  std::vector<double> watched_tokens_per_second;  // one per pair
  std::vector<double> unwatched_tokens_per_second;
};

// The median over all pairs, with its interval, of the share of speed that sampling costs: 1 −
// watched ÷ unwatched. nullopt for fewer than kFewestForInterval pairs.
struct WatchCostEstimate {
  double median = 0;
  Interval interval;
};
std::optional<WatchCostEstimate> EstimateWatchCost(const WatchCost& cost);

// Adds the window pairs in which the second generation made enough tokens to measure a speed.
// `token_ns` holds the time of each token. A token counts only if it began and ended in the same
// window.
void AddWindowPairs(const std::vector<uint64_t>& token_ns, const WatchWindows& windows,
                    WatchCost& cost);

// Runs the worker until there are enough pairs, after a first run that does not count. The second
// generation has at least 512 tokens. A window lasts 250 ms, or eight tokens if that is longer.
//   Errors  Unsupported if the worker fails or makes too few tokens to measure a speed; Io if
//           interrupted.
//           interrupted.
Result<WatchCost> MeasureWatchCost(const WorkerRunOptions& options, size_t pairs,
                                   InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_WATCH_WATCH_COST_H_
