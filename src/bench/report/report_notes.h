#ifndef TARE_BENCH_REPORT_REPORT_NOTES_H_
#define TARE_BENCH_REPORT_REPORT_NOTES_H_

#include <span>

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"
#include "bench/results/document.h"
#include "bench/results/summary.h"

namespace tare {

// The sentences of BuildReport about a scenario's rows.

// Judges each row's memory by its weights (HealthLine).
ReportList HealthList(std::span<const RankedRow> rows, const ScenarioRecord& scenario);
// Why rows failed, the stage they reached, and their last output.
ReportList FailureList(std::span<const RowSummary> rows);
// How memory was watched, which figures are unknown, and what rows were given.
ReportList NotesList(const Document& document, size_t scenario, std::span<const RowSummary> rows);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_NOTES_H_
