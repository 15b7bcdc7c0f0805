#ifndef TARE_BENCH_REPORT_CELLS_H_
#define TARE_BENCH_REPORT_CELLS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bench/report/report_document.h"
#include "bench/stats/stats.h"

namespace tare {

// Cells shared by several tables, and words shared by several reports.

// The display name of a row: "keras-openvino (tare run)" for "keras-openvino+tare". Data and flags
// keep the short name.
std::string BackendTitle(std::string_view row);
// The display text of a failure reason: "not available here" for "no-device".
std::string ReasonText(std::string_view reason);

ReportFigure CountCell(uint64_t count);
ReportFigure MibCell(double bytes);        // "1353.2"
ReportFigure MibChangeCell(double bytes);  // "+12.0"
// "3.4×": the first divided by the second. Unknown if the second is 0.
ReportCell TimesCell(double first, double second);

// A median times `scale`, with its interval if it has one: "2.5 [2.4, 2.6]".
ReportFigure MedianCell(const Spread& spread, double scale, int digits);
ReportCell MedianCell(const std::optional<Spread>& spread, double scale, int digits);

// MedianCell; for two runs, which have no interval, it shows the range: "42.0 (41.5–43.1)".
ReportCell SpreadCell(const std::optional<Spread>& spread, double scale, int digits);

// The text of MibCell: "1353.2".
std::string MibText(double bytes);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_CELLS_H_
