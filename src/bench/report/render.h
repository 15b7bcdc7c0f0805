#ifndef TARE_BENCH_REPORT_RENDER_H_
#define TARE_BENCH_REPORT_RENDER_H_

#include <cstddef>
#include <string>

#include "base/wrap_text.h"
#include "bench/report/report_document.h"

namespace tare {

// A report as one of the forms that `-o` names.

struct TextOptions {
  size_t columns = kTextColumns;  // that lines are wrapped to
  bool wide = false;              // tables have all columns, as wide as they are
};
// A word that is longer than a line stands out, but not in a table, where it is cut.
std::string RenderText(const ReportDocument& report, const TextOptions& options = {});
std::string RenderMarkdown(const ReportDocument& report);

// The tables alone, RFC 4180, an empty line between them. Of a number its value, without the
// interval or the unit; nothing where it is not known.
std::string RenderCsv(const ReportDocument& report);

// The blocks as data: {"schema_version": 1, "blocks": [{"kind": "heading" | "paragraph" | "note" |
// "list" | "table" | "chart", …}]}.
std::string RenderReportJson(const ReportDocument& report);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_RENDER_H_
