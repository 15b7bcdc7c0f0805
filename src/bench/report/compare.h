#ifndef TARE_BENCH_REPORT_COMPARE_H_
#define TARE_BENCH_REPORT_COMPARE_H_

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/results/document.h"
#include "bench/results/run_metrics.h"
#include "bench/results/summary.h"
#include "bench/stats/bootstrap.h"
#include "bench/stats/mann_whitney.h"

namespace tare {

// Differences that the user may allow between two compared sessions.
inline constexpr std::string_view kDifferences[] = {"machine", "model", "workload"};

inline constexpr double kSignificance = 0.05;   // limit for p
inline constexpr size_t kFewestForVerdict = 5;  // per side

struct CompareOptions {
  std::vector<const Metric*> metrics;  // empty: DefaultMetrics()
  std::set<std::string> allowed;       // from kDifferences
};
std::vector<const Metric*> DefaultMetrics();

// One figure of one row, from both sides.
struct MetricComparison {
  const Metric* metric = nullptr;
  Spread base;
  Spread now;
  Effect effect;
  RankTest test;

  // True if significant at kSignificance. With too few runs, nothing is significant.
  bool differs() const { return test.p < kSignificance; }
  // How much worse it became, relative to the base's median; negative: better. nullopt without a
  // ratio.
  std::optional<double> worse_by() const;
};

struct RowComparison {
  std::string row;
  size_t base_runs = 0;  // runs with a result
  size_t now_runs = 0;
  std::string base_failure;  // reason; empty: no failure
  std::string now_failure;
  TokenAgreement tokens;  // known if both sides have greedily chosen tokens
  std::vector<MetricComparison> metrics;
  // Set on both sides or on none. Compared once a session, so there is no test of a difference.
  std::optional<QualityRecord> base_quality;
  std::optional<QualityRecord> now_quality;
};

struct ScenarioComparison {
  std::string name;
  std::vector<RowComparison> rows;
};

struct Comparison {
  std::string base;  // label: "session 3, 2025-01-02T03:04:05Z"
  std::string now;
  std::vector<std::string> notes;  // allowed differences, and those that may explain the result
  std::vector<ScenarioComparison> scenarios;
};

// Compares the rows and scenarios that both sides have.
//   Errors  InvalidInput if the sessions are not comparable, with the difference and the flag that
//           allows it.
Result<Comparison> Compare(const Document& base, const Document& now,
                           const CompareOptions& options);

// Lists figures that became worse by more than `threshold` (0.05: 5 %) with p < kSignificance, and
// rows that had results in the base and have none now. One line each.
//   Errors  InvalidInput if a side has fewer than kFewestForVerdict runs, or if a figure has no
//           ratio to compare with the threshold.
Result<std::vector<std::string>> Regressions(const Comparison& comparison, double threshold);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_COMPARE_H_
