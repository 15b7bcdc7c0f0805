#ifndef TARE_CLI_LEAN_REPORT_H_
#define TARE_CLI_LEAN_REPORT_H_

#include <string>
#include <string_view>

namespace tare {

// Lines for stderr, each begun with "tare: ", from the lines that python/tare_lean appended in all
// processes of a program; empty where it did nothing. Lines that it does not know are skipped.
std::string LeanReportText(std::string_view lines);

}  // namespace tare

#endif  // TARE_CLI_LEAN_REPORT_H_
