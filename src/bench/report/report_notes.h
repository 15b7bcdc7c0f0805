#ifndef TARE_BENCH_REPORT_REPORT_NOTES_H_
#define TARE_BENCH_REPORT_REPORT_NOTES_H_

#include <span>
#include <string>

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"
#include "bench/results/document.h"
#include "bench/results/summary.h"

namespace tare {

// The sentences of BuildReport about a scenario's rows.

// Judges each row's memory by its weights (HealthLine).
ReportList HealthList(std::span<const RankedRow> rows, const ScenarioRecord& scenario);
// "Failed"; "Unsupported" where no row did more than lack what the model takes.
std::string FailuresHeading(std::span<const RowSummary> rows);
// Why rows failed, how far they came and what they wrote last.
ReportList FailureList(std::span<const RowSummary> rows);
// How memory was watched, which figures are unknown, and what rows were given.
ReportList NotesList(const Document& document, size_t scenario, std::span<const RowSummary> rows);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_NOTES_H_
