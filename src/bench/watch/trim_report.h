#ifndef TARE_BENCH_WATCH_TRIM_REPORT_H_
#define TARE_BENCH_WATCH_TRIM_REPORT_H_

#include <string>

#include "base/error.h"
#include "os/scoped_fd.h"
#include "trim/report.h"

namespace tare {

// Where a program beneath `tare run --exec` leaves its report (kRunReportVariable names it): memory
// with a path, of which nothing is left whatever ends the program or us.
class TrimReportFile {
 public:
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
