#include "trim/lean_report.h"

#include <fmt/format.h>

#include "base/count_text.h"
#include "trim/report_lines.h"

namespace tare {

LeanReport ParseLeanReport(std::string_view lines) {
  LeanReport report;
  for (size_t end = lines.find('\n'); end != lines.npos; end = lines.find('\n')) {
    const std::vector<std::string_view> fields = ReportFields(lines.substr(0, end));
    lines.remove_prefix(end + 1);
    if (fields[0] == "lean-aside" && fields.size() == 3) report.aside.emplace_back(fields[2]);
    if (fields[0] == "lean-read" && fields.size() == 3) {
      report.read_values += ReportNumber(fields[2]);
    }
    if (fields[0] == "lean" && fields.size() == 6) {
      report.shared_bytes += ReportNumber(fields[3]);
      report.copied_bytes += ReportNumber(fields[4]);
      report.untouched_bytes += ReportNumber(fields[5]);
    }
  }
  return report;
}

std::string LeanReportText(const LeanReport& report) {
  std::string text;
  for (const std::string& reason : report.aside) {
    text += fmt::format("tare: lean loading stepped aside: {}\n", reason);
  }
  if (report.did_load()) {
    text += fmt::format(
        "tare: Keras's weights: {} MiB in the mapped file, {} MiB copied from it, {} MiB not "
        "initialised first\n",
        report.shared_bytes >> 20, report.copied_bytes >> 20, report.untouched_bytes >> 20);
  }
  if (report.read_values > 0) {
    text += fmt::format("tare: {} read without compiling a model\n",
                        CountText(report.read_values, "constant"));
  }
  return text;
}

}  // namespace tare
