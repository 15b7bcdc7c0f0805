#ifndef TARE_BENCH_WATCH_COST_H_
#define TARE_BENCH_WATCH_COST_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/error.h"
#include "bench/interrupt.h"
#include "bench/stats.h"
#include "bench/worker_run.h"

namespace tare {

// What sampling does to a row's decode speed, from pairs of runs: one with samples, one with
// readings at stage edges alone.
struct WatchCost {
  uint64_t sample_interval_ns = 0;
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

// Makes pairs of runs in turn, the order within a pair changing from pair to pair, after one run
// that does not count. Errors: Unsupported where the worker fails or makes too few tokens to tell
// a speed; Io when interrupted.
Result<WatchCost> MeasureWatchCost(const WorkerRunOptions& options, size_t pairs,
                                   InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_WATCH_COST_H_
