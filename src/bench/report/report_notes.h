#ifndef TARE_BENCH_REPORT_REPORT_NOTES_H_
#define TARE_BENCH_REPORT_REPORT_NOTES_H_

#include <span>

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"
#include "bench/results/document.h"
#include "bench/results/summary.h"

namespace tare {

// What BuildReport says in words of the rows of a scenario.

// Each row's memory, judged by its weights (HealthLine).
ReportList HealthList(std::span<const RankedRow> rows, const ScenarioRecord& scenario);
// Why rows failed, how far they came and what they wrote last.
ReportList FailureList(std::span<const RowSummary> rows);
// What the figures hold for: how memory was watched, what is not known, what rows were given.
ReportList NotesList(const Document& document, size_t scenario, std::span<const RowSummary> rows);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_NOTES_H_
