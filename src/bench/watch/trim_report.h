#ifndef TARE_BENCH_WATCH_TRIM_REPORT_H_
#define TARE_BENCH_WATCH_TRIM_REPORT_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "bench/watch/hook_report.h"
#include "bench/watch/lean_report.h"
#include "os/scoped_fd.h"

namespace tare {

// What `tare run` did to a program.
struct TrimReport {
  HookReport hook;
  LeanReport lean;
};

// From the lines that the hook and lean loading appended.
TrimReport ParseTrimReport(std::string_view lines);

// Where a program beneath `tare run --exec` leaves those lines: memory with a path, of which
// nothing is left whatever ends the program or us.
class TrimReportFile {
 public:
  // Names the path to `tare run`.
  static constexpr char kVariable[] = "TARE_RUN_REPORT";

  // Errors: Io.
  static Result<TrimReportFile> Create();

  std::string path() const;  // valid while this lives
  TrimReport Read() const;   // what is there by now

 private:
  explicit TrimReportFile(ScopedFd file) : file_(std::move(file)) {}
  ScopedFd file_;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_TRIM_REPORT_H_
