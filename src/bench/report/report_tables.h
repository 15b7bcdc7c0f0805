#ifndef TARE_BENCH_REPORT_REPORT_TABLES_H_
#define TARE_BENCH_REPORT_REPORT_TABLES_H_

#include <span>
#include <string_view>

#include "bench/report/report_document.h"
#include "bench/results/summary.h"

namespace tare {

// The tables of BuildReport, each a function from summaries to cells. Rows have a result, but for
// those of SummaryTable.

ReportTable StagesTable(const RowSummary& row);
// Shares of the growth from stage 0 to 5.
ReportTable ConsumersTable(std::span<const RowSummary> rows);
// A row without a result stands in it with the reason of its failure.
ReportTable SummaryTable(std::span<const RowSummary> rows);
//   reference   Session::reference_row
ReportTable SpeedTable(std::span<const RowSummary> rows, std::string_view reference);
// What the medians of the other tables leave out.
ReportTable SpreadTable(std::span<const RowSummary> rows);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_TABLES_H_
