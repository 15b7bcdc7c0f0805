#include "cli/lean_report.h"

#include <fmt/format.h>

#include <cstdint>
#include <vector>

#include "cli/report_lines.h"

namespace tare {
std::string LeanReportText(std::string_view lines) {
  std::string text;
  uint64_t shared = 0, copied = 0, untouched = 0;
  for (size_t end = lines.find('\n'); end != lines.npos; end = lines.find('\n')) {
    const std::vector<std::string_view> fields = ReportFields(lines.substr(0, end));
    lines.remove_prefix(end + 1);
    if (fields[0] == "lean-aside" && fields.size() == 3) {
      text += fmt::format("tare: lean loading stepped aside: {}\n", fields[2]);
    }
    if (fields[0] == "lean" && fields.size() == 6) {
      shared += ReportNumber(fields[3]);
      copied += ReportNumber(fields[4]);
      untouched += ReportNumber(fields[5]);
    }
  }
  if (shared + copied + untouched == 0) return text;
  return text + fmt::format(
                    "tare: Keras's weights: {} MiB in the mapped file, {} MiB copied from it, {} "
                    "MiB not initialised first\n",
                    shared >> 20, copied >> 20, untouched >> 20);
}

}  // namespace tare
