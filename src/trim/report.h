#ifndef TARE_TRIM_REPORT_H_
#define TARE_TRIM_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "trim/hook_report.h"
#include "trim/lean_report.h"

namespace tare {

// What `tare run` did to a program, in all its processes.
struct TrimReport {
  HookReport hook;
  LeanReport lean;
  std::vector<std::string> unread;  // what is wrong with lines that were skipped: EventReader::Read
};

// From the lines that the hook and lean loading appended.
TrimReport ParseTrimReport(std::string_view lines);

// An error where lines were skipped and $TARE_RUN_STRICT asks for that, as tests do. Else they are
// worth a warning.
//   Errors  Internal.
Status CheckTrimReport(const TrimReport& report);

}  // namespace tare

#endif  // TARE_TRIM_REPORT_H_
