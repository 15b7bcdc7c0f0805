#include "bench/watch/watch_cost.h"

#include <algorithm>

#include "base/count_text.h"
#include "bench/stats/bootstrap.h"

namespace tare {
namespace {

constexpr uint64_t kDecodedTokens = 512;
constexpr uint64_t kWindowNs = 60'000'000;
constexpr double kTokensPerWindow = 8;
constexpr size_t kFewestTokens = 3;  // in a window, to measure a speed
// A worker starts slightly after it is told to, so its clock and ours differ by this much.
constexpr uint64_t kEdgeNs = 2'000'000;

struct WindowTokens {
  size_t count = 0;
  uint64_t ns = 0;
  double Speed() const { return static_cast<double>(count) * 1e9 / static_cast<double>(ns); }
};

// Tokens after the first ÷ their time, in the second generation.
Result<double> DecodeSpeed(const WorkerOutcome& outcome) {
  if (outcome.failure) {
    return Unsupported("the cost of watching is not known: {}: {}", outcome.failure->reason,
                       outcome.failure->message);
  }
  const std::vector<uint64_t>& times = outcome.result->generations.back().token_ns;
  if (times.size() < 2 || times.back() == times.front()) {
    return Unsupported("the cost of watching is not known: {} cannot tell a decode speed",
                       CountText(times.size(), "token"));
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

void AddWindowPairs(const std::vector<uint64_t>& token_ns, const WatchWindows& windows,
                    WatchCost& cost) {
  std::vector<WindowTokens> seen;
  for (size_t i = 1; i < token_ns.size(); ++i) {
    const size_t window = windows.IndexAt(token_ns[i - 1]);
    const uint64_t begin_ns = window * windows.length_ns;
    const bool whole = token_ns[i - 1] >= begin_ns + kEdgeNs &&
                       token_ns[i] + kEdgeNs <= begin_ns + windows.length_ns;
    if (!whole) continue;
    seen.resize(std::max(seen.size(), window + 1));
    ++seen[window].count;
    seen[window].ns += token_ns[i] - token_ns[i - 1];
  }
  for (size_t first = 0; first + 1 < seen.size(); first += 2) {
    const WindowTokens& a = seen[first];
    const WindowTokens& b = seen[first + 1];
    if (std::min(a.count, b.count) < kFewestTokens || a.ns == 0 || b.ns == 0) continue;
    const bool is_first = windows.IsSampled(first);
    cost.watched_tokens_per_second.push_back((is_first ? a : b).Speed());
    cost.unwatched_tokens_per_second.push_back((is_first ? b : a).Speed());
  }
}

Result<WatchCost> MeasureWatchCost(const WorkerRunOptions& options, size_t pairs,
                                   InterruptWatch& interrupt) {
  WorkerRunOptions run = options;
  run.weighing = {};
  uint64_t& new_tokens = run.run->generations.back().new_tokens;
  new_tokens = std::max(new_tokens, kDecodedTokens);
  TARE_ASSIGN_OR_RETURN(const double speed, DecodeSpeed(RunWorker(run, interrupt)));
  WatchCost cost;
  cost.sample_interval_ns = options.sample_interval_ns;
  cost.window_ns = std::max(kWindowNs, static_cast<uint64_t>(kTokensPerWindow * 1e9 / speed));
  WatchWindows windows{.length_ns = cost.window_ns};
  while (cost.watched_tokens_per_second.size() < pairs) {
    run.watch_windows = windows;
    const WorkerOutcome outcome = RunWorker(run, interrupt);
    if (interrupt.requested()) return IoError("interrupted");
    TARE_RETURN_IF_ERROR(DecodeSpeed(outcome));
    const size_t before = cost.watched_tokens_per_second.size();
    AddWindowPairs(outcome.result->generations.back().token_ns, windows, cost);
    if (cost.watched_tokens_per_second.size() == before) {
      return Unsupported(
          "the cost of watching is not known: {} at {:.1f} a second cannot fill a pair of windows "
          "of {:.0f} ms; try more new tokens (-n)",
          CountText(new_tokens, "token"), speed, static_cast<double>(cost.window_ns) * 1e-6);
    }
    windows.sampled_first = !windows.sampled_first;
  }
  cost.watched_tokens_per_second.resize(pairs);
  cost.unwatched_tokens_per_second.resize(pairs);
  return cost;
}

}  // namespace tare
