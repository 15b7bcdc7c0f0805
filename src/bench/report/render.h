#ifndef TARE_BENCH_REPORT_RENDER_H_
#define TARE_BENCH_REPORT_RENDER_H_

#include <string>

#include "bench/report/report_document.h"

namespace tare {

// A report as one of the forms that `-o` names.

std::string RenderText(const ReportDocument& report);
std::string RenderMarkdown(const ReportDocument& report);

// The tables alone, RFC 4180, an empty line between them. Of a number its value, without the
// interval or the unit; nothing where it is not known.
std::string RenderCsv(const ReportDocument& report);

// The blocks as data: {"schema_version": 1, "blocks": [{"kind": "heading" | "paragraph" | "note" |
// "list" | "table" | "chart", …}]}.
std::string RenderReportJson(const ReportDocument& report);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_RENDER_H_
