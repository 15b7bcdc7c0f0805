#ifndef TARE_BENCH_RESULTS_RUN_METRICS_H_
#define TARE_BENCH_RESULTS_RUN_METRICS_H_

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/results/document.h"
#include "bench/results/row_runs.h"
#include "bench/stats/stats.h"

namespace tare {

enum class Better { kLower, kHigher };
enum class MetricUnit { kBytes, kSeconds, kPerSecond };

// A figure of one run, named as in JSON. docs/measurement.md defines each.
struct Metric {
  std::string_view name;
  Better better;
  MetricUnit unit;  // unit of the value that `of` returns
  // nullopt if the run lacks the figure. Precondition: the run has a result.
  std::optional<double> (*of)(const RunRecord& run, const ScenarioRecord& scenario);
};

std::span<const Metric> AllMetrics();
// Errors: InvalidInput with the valid names.
Result<const Metric*> FindMetric(std::string_view name);

// JSON multiplies figures of this unit by this factor, because its times are in nanoseconds.
constexpr double JsonScale(MetricUnit unit) { return unit == MetricUnit::kSeconds ? 1e9 : 1; }

// Returns the weight bytes in the pages of the mapped model file that the worker holds at its end.
// These are the first copy of the weights if they include everything that each token reads. A row
// that packed its own copy and dropped the mapping no longer reads them.
//   nullopt       the first copy cannot be located: the worker maps none of the file, the kernel
//                 gave no information, the worker got other weights than the scenario asks for, or
//                 some weights that each token reads are missing.
//   Precondition  the run has a result.
std::optional<double> MappedWeightBytes(const RunRecord& run, const ScenarioRecord& scenario);

// Returns the figure for the runs that have it.
std::vector<Measured> Measure(const Runs& runs, const ScenarioRecord& scenario,
                              const Metric& metric);
// Looks the metric up by name. Precondition: the name is valid.
std::vector<Measured> Measure(const Runs& runs, const ScenarioRecord& scenario,
                              std::string_view metric);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_RUN_METRICS_H_
