#include "bench/watch_cost.h"

#include <algorithm>

#include "bench/bootstrap.h"

namespace tare {
namespace {

// Tokens after the first ÷ the time they took, second generation.
Result<double> DecodeSpeed(const WorkerOutcome& outcome) {
  if (outcome.failure) {
    return Unsupported("the cost of watching is not known: {}: {}", outcome.failure->reason,
                       outcome.failure->message);
  }
  const std::vector<uint64_t>& times = outcome.result->generations.back().token_ns;
  if (times.size() < 2 || times.back() == times.front()) {
    return Unsupported("the cost of watching is not known: {} tokens tell no decode speed",
                       times.size());
  }
  return static_cast<double>(times.size() - 1) * 1e9 /
         static_cast<double>(times.back() - times.front());
}

}  // namespace

std::optional<WatchCostEstimate> EstimateWatchCost(const WatchCost& cost) {
  const size_t pairs = cost.watched_tokens_per_second.size();
  if (pairs < kFewestForInterval || cost.unwatched_tokens_per_second.size() != pairs) {
    return std::nullopt;
  }
  const auto& base = cost.unwatched_tokens_per_second;
  if (std::ranges::any_of(base, [](double speed) { return speed <= 0; })) return std::nullopt;
  std::vector<double> shares;
  for (size_t i = 0; i < pairs; ++i) {
    shares.push_back(1 - cost.watched_tokens_per_second[i] / cost.unwatched_tokens_per_second[i]);
  }
  const Interval interval = MedianInterval(shares);
  std::sort(shares.begin(), shares.end());
  return WatchCostEstimate{Quantile(shares, 0.5), interval};
}

Result<WatchCost> MeasureWatchCost(const WorkerRunOptions& options, size_t pairs,
                                   InterruptWatch& interrupt) {
  WatchCost cost;
  cost.sample_interval_ns = options.sample_interval_ns;
  WorkerRunOptions unwatched = options;
  unwatched.sample_interval_ns = 0;
  unwatched.weighing = {};
  TARE_RETURN_IF_ERROR(DecodeSpeed(RunWorker(options, interrupt)));
  for (size_t pair = 0; pair < pairs; ++pair) {
    for (const bool first : {true, false}) {
      const bool watched = first == (pair % 2 == 0);
      const WorkerOutcome outcome = RunWorker(watched ? options : unwatched, interrupt);
      if (interrupt.requested()) return IoError("interrupted");
      TARE_ASSIGN_OR_RETURN(const double speed, DecodeSpeed(outcome));
      (watched ? cost.watched_tokens_per_second : cost.unwatched_tokens_per_second)
          .push_back(speed);
    }
  }
  return cost;
}

}  // namespace tare
