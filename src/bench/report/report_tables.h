#ifndef TARE_BENCH_REPORT_REPORT_TABLES_H_
#define TARE_BENCH_REPORT_REPORT_TABLES_H_

#include <span>

#include "bench/report/report_document.h"
#include "bench/results/summary.h"

namespace tare {

// The tables of BuildReport's details, each a function from summaries to cells. All rows have a
// result.

ReportTable StagesTable(const RowSummary& row);
// Shares of the change from the first stage to the last.
ReportTable ConsumersTable(std::span<const RowSummary> rows);
// Of whole generations, prompt included.
ReportTable GenerationsTable(std::span<const RowSummary> rows);
ReportTable SpeedTable(std::span<const RowSummary> rows);
// What the medians of the other tables leave out.
ReportTable SpreadTable(std::span<const RowSummary> rows);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_TABLES_H_
