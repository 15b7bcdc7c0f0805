#ifndef TARE_BENCH_REPORT_RENDER_H_
#define TARE_BENCH_REPORT_RENDER_H_

#include <cstddef>
#include <string>

#include "base/wrap_text.h"
#include "bench/report/report_document.h"

namespace tare {

// Renders a report in the formats that `-o` names.

struct TextOptions {
  size_t columns = kTextColumns;  // wrap lines to this width
  bool wide = false;              // show all columns at full width
};
// A word longer than a line sticks out, except in a table, where it is cut.
std::string RenderText(const ReportDocument& report, const TextOptions& options = {});
std::string RenderMarkdown(const ReportDocument& report);

// Only the tables, as RFC 4180 CSV with an empty line between them. A number's cell holds its value
// without interval or unit, or nothing if it is unknown.
std::string RenderCsv(const ReportDocument& report);

// The blocks as data: {"schema_version": 1, "blocks": [{"kind": "heading" | "paragraph" | "note" |
// "list" | "table" | "chart", …}]}.
std::string RenderReportJson(const ReportDocument& report);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_RENDER_H_
