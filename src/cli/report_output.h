#ifndef TARE_CLI_REPORT_OUTPUT_H_
#define TARE_CLI_REPORT_OUTPUT_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "bench/report/report_document.h"

namespace tare {

inline constexpr char kWideHelp[] = "Show all columns; without it, tables fit 100 columns";

// kTextColumns; where standard output is a narrower terminal, its columns.
size_t StdoutColumns();

// A report for standard output in a format that -o names: "table", "md", "json" or "csv".
//   wide   --wide: tables have all columns
std::string RenderForStdout(const ReportDocument& report, std::string_view format, bool wide);

}  // namespace tare

#endif  // TARE_CLI_REPORT_OUTPUT_H_
