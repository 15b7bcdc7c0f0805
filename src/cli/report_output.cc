#include "cli/report_output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>

#include "bench/report/render.h"

namespace tare {

size_t StdoutColumns() {
  winsize size = {};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? std::min<size_t>(size.ws_col, kTextColumns) : kTextColumns;
}

std::string RenderForStdout(const ReportDocument& report, std::string_view format, bool wide) {
  if (format == "json") return RenderReportJson(report);
  if (format == "md") return RenderMarkdown(report);
  if (format == "csv") return RenderCsv(report);
  return RenderText(report, {.columns = StdoutColumns(), .wide = wide});
}

}  // namespace tare
