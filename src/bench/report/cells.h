#ifndef TARE_BENCH_REPORT_CELLS_H_
#define TARE_BENCH_REPORT_CELLS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/report/report_document.h"
#include "bench/stats/stats.h"

namespace tare {

// Cells that several tables have, and words that several reports use.

// A row as people read it: "keras-openvino (tare run)" of "keras-openvino+tare". Data and flags
// keep the short name.
std::string BackendTitle(std::string_view row);
// Why a row failed, as people read it: "not available here" of "no-device".
std::string ReasonText(std::string_view reason);

ReportFigure CountCell(uint64_t count);
ReportFigure MibCell(double bytes);        // "1353.2"
ReportFigure MibChangeCell(double bytes);  // "+12.0"
// "3.4×", how often the second lies in the first; unknown where the second is 0.
ReportCell TimesCell(double first, double second);

// A median times `scale`, with its interval where there is one: "2.5 [2.4, 2.6]".
ReportFigure MedianCell(const Spread& spread, double scale, int digits);
ReportCell MedianCell(const std::optional<Spread>& spread, double scale, int digits);

// The same with the 95 % interval; of two runs, "42.0 (41.5–43.1)" with both.
ReportCell SpreadCell(const std::optional<Spread>& spread, double scale, int digits);

// "1353.2", as in a cell.
std::string MibText(double bytes);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_CELLS_H_
