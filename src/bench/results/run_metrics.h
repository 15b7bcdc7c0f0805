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
  MetricUnit unit;  // of what `of` returns
  // nullopt where the figure does not exist. Precondition: the run has a result.
  std::optional<double> (*of)(const RunRecord& run, const ScenarioRecord& scenario);
};

std::span<const Metric> AllMetrics();
// Errors: InvalidInput, with the names that there are.
Result<const Metric*> FindMetric(std::string_view name);

// What JSON multiplies a figure of this unit by: times are nanoseconds there.
constexpr double JsonScale(MetricUnit unit) { return unit == MetricUnit::kSeconds ? 1e9 : 1; }

// Bytes of the weights in the pages of the mapped model file that the worker holds at its end. They
// are the first copy of the weights, where all that each token reads is among them: a row that
// dropped the mapping, once it had packed a copy of its own, reads none of them.
//   nullopt   the worker maps none of the file, the kernel did not tell, the weights that it was
//             given are not those that the scenario asks for, or some that each token reads are
//             missing: nothing then tells where the first copy is.
// Precondition: the run has a result.
std::optional<double> MappedWeightBytes(const RunRecord& run, const ScenarioRecord& scenario);

// A figure of the runs that have it.
std::vector<Measured> Measure(const Runs& runs, const ScenarioRecord& scenario,
                              const Metric& metric);
// By its name. Precondition: there is one of that name.
std::vector<Measured> Measure(const Runs& runs, const ScenarioRecord& scenario,
                              std::string_view metric);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_RUN_METRICS_H_
