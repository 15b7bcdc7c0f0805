#ifndef TARE_BENCH_REPORT_CELLS_H_
#define TARE_BENCH_REPORT_CELLS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "bench/report/report_document.h"
#include "bench/stats/stats.h"

namespace tare {

// Cells that several tables have.

ReportFigure CountCell(uint64_t count);
ReportFigure MibCell(double bytes);        // "1353.2"
ReportFigure MibChangeCell(double bytes);  // "+12.0"
// "3.4×", how often the second lies in the first; unknown where the second is 0.
ReportCell TimesCell(double first, double second);

// A median times `scale`, with its interval where there is one: "2.5 [2.4, 2.6]".
ReportFigure MedianCell(const Spread& spread, double scale, int digits);
ReportCell MedianCell(const std::optional<Spread>& spread, double scale, int digits);

// "1353.2", as in a cell.
std::string MibText(double bytes);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_CELLS_H_
