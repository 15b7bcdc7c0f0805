#ifndef TARE_BENCH_RESULTS_ROW_RUNS_H_
#define TARE_BENCH_RESULTS_ROW_RUNS_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bench/results/document.h"

namespace tare {

using Runs = std::vector<const RunRecord*>;  // point into a document, which outlives them

// All runs of one row in one scenario, in the order in which they ran.
struct RowRuns {
  Runs all;                           // including warm-ups and searches for required_bytes
  Runs good;                          // measured runs with a result
  const RunRecord* failed = nullptr;  // the last failed run, which may be a warm-up
};

using RunsByRow = std::map<std::string, RowRuns, std::less<>>;

// The row's predictions beside the reference's; nullopt if they were not compared, or if the run
// that would have compared them failed.
std::optional<QualityRecord> QualityOf(const Runs& all);

// Leaves out rows that never ran.
RunsByRow RunsOfScenario(const Document& document, size_t scenario);

// Returns no runs if the row never ran.
RowRuns RunsOfRow(const RunsByRow& rows, std::string_view name);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_ROW_RUNS_H_
