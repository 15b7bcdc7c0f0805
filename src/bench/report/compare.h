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

// What may be allowed to differ between two sessions that are compared.
inline constexpr std::string_view kDifferences[] = {"machine", "model", "workload"};

inline constexpr double kSignificance = 0.05;   // of p
inline constexpr size_t kFewestForVerdict = 5;  // runs a side

struct CompareOptions {
  std::vector<const Metric*> metrics;  // empty: DefaultMetrics()
  std::set<std::string> allowed;       // of kDifferences
};
std::vector<const Metric*> DefaultMetrics();

// One figure of one row on both sides.
struct MetricComparison {
  const Metric* metric = nullptr;
  Spread base;
  Spread now;
  Effect effect;
  RankTest test;

  // Significant at kSignificance; without enough runs, nothing is.
  bool differs() const { return test.p < kSignificance; }
  // By which part of the base's median it became worse; below 0: better. nullopt without a ratio.
  std::optional<double> worse_by() const;
};

struct RowComparison {
  std::string row;
  size_t base_runs = 0;  // with a result
  size_t now_runs = 0;
  std::string base_failure;  // reason; empty: none
  std::string now_failure;
  TokenAgreement tokens;  // known where both sides have tokens chosen greedily
  std::vector<MetricComparison> metrics;
};

struct ScenarioComparison {
  std::string name;
  std::vector<RowComparison> rows;
};

struct Comparison {
  std::string base;  // what was compared: "session 3, 2025-01-02T03:04:05Z"
  std::string now;
  std::vector<std::string> notes;  // differences that were allowed or that may be the point
  std::vector<ScenarioComparison> scenarios;
};

// Rows and scenarios that both sides have.
//   Errors  InvalidInput for what cannot be compared, with what differs and how to compare anyway.
Result<Comparison> Compare(const Document& base, const Document& now,
                           const CompareOptions& options);

// The figures that became worse by more than `threshold` (0.05: 5 %) with p < kSignificance, and
// rows that had results and have none now; one line each.
//   Errors  InvalidInput where a side has fewer than kFewestForVerdict runs, saying how many it
//           needs, or where a figure has no ratio to be held against the threshold.
Result<std::vector<std::string>> Regressions(const Comparison& comparison, double threshold);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_COMPARE_H_
