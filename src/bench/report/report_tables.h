#ifndef TARE_BENCH_REPORT_REPORT_TABLES_H_
#define TARE_BENCH_REPORT_REPORT_TABLES_H_

#include <span>

#include "bench/report/report_document.h"
#include "bench/results/summary.h"

namespace tare {

// The detailed tables of BuildReport. Each function turns summaries into cells. Every row has a
// result.

ReportTable StagesTable(const RowSummary& row);
// Each stage's share of the change from the first stage to the last.
ReportTable ConsumersTable(std::span<const RowSummary> rows);
// Figures for whole generations, prompt included.
ReportTable GenerationsTable(std::span<const RowSummary> rows);
ReportTable SpeedTable(std::span<const RowSummary> rows);
// The distribution behind the medians in the other tables.
ReportTable SpreadTable(std::span<const RowSummary> rows);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_TABLES_H_
