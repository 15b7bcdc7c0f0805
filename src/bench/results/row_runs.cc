#include "bench/results/row_runs.h"

namespace tare {

RunsByRow RunsOfScenario(const Document& document, size_t scenario) {
  RunsByRow rows;
  for (const RunRecord& run : document.runs) {
    if (run.scenario != scenario) continue;
    RowRuns& row = rows[run.row];
    row.all.push_back(&run);
    if (run.outcome.failure) {
      row.failed = &run;
    } else if (!run.warmup && run.outcome.result) {
      row.good.push_back(&run);
    }
  }
  return rows;
}

std::optional<QualityRecord> QualityOf(const Runs& all) {
  std::optional<QualityRecord> quality;
  for (const RunRecord* run : all) {
    if (run->quality && !run->outcome.failure) quality = run->quality;
  }
  return quality;
}

RowRuns RunsOfRow(const RunsByRow& rows, std::string_view name) {
  const auto row = rows.find(name);
  return row == rows.end() ? RowRuns() : row->second;
}

}  // namespace tare
