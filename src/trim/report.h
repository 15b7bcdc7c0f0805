#ifndef TARE_TRIM_REPORT_H_
#define TARE_TRIM_REPORT_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "trim/hook_report.h"
#include "trim/lean_report.h"

namespace tare {

// What `tare run` did in all processes of a program.
struct TrimReport {
  HookReport hook;
  LeanReport lean;
  std::vector<std::string> unread;  // why lines were skipped: EventReader::Read
};

// Parses the lines that the hook and lean loading appended.
TrimReport ParseTrimReport(std::string_view lines);

// Fails if lines were skipped and $TARE_RUN_STRICT is set, as tests do. Otherwise skipped lines are
// only a warning.
//   Errors  Internal.
Status CheckTrimReport(const TrimReport& report);

}  // namespace tare

#endif  // TARE_TRIM_REPORT_H_
