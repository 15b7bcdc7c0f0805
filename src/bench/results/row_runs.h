#ifndef TARE_BENCH_RESULTS_ROW_RUNS_H_
#define TARE_BENCH_RESULTS_ROW_RUNS_H_

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bench/results/document.h"

namespace tare {

using Runs = std::vector<const RunRecord*>;  // of a document, which outlives them

// What there is of one row in one scenario, in the order in which it ran.
struct RowRuns {
  Runs all;                           // warm-ups and searches for required_bytes too
  Runs good;                          // measured, and come to a result
  const RunRecord* failed = nullptr;  // the last that failed, a warm-up too
};

using RunsByRow = std::map<std::string, RowRuns, std::less<>>;

// Rows that never ran are left out.
RunsByRow RunsOfScenario(const Document& document, size_t scenario);

// No runs where the row never ran.
RowRuns RunsOfRow(const RunsByRow& rows, std::string_view name);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_ROW_RUNS_H_
