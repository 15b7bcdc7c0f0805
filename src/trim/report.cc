#include "trim/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/environment.h"
#include "trim/contract.h"
#include "trim/event_reader.h"

namespace tare {

TrimReport ParseTrimReport(std::string_view lines) {
  TrimReport report;
  EventReader reader;
  ReadHookEvents(reader, report.hook);
  ReadLeanEvents(reader, report.lean);
  report.unread = reader.Read(lines);
  SortByCount(report.hook.einsums);
  return report;
}

Status CheckTrimReport(const TrimReport& report) {
  if (report.unread.empty() || EnvironmentVariable(kStrictVariable).empty()) return {};
  return InternalError("the report of the program cannot be read (an error because {} is set): {}",
                       kStrictVariable, fmt::join(report.unread, "; "));
}

}  // namespace tare
