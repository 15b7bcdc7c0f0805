#ifndef TARE_BENCH_WATCH_TRIM_REPORT_H_
#define TARE_BENCH_WATCH_TRIM_REPORT_H_

#include <string>

#include "base/error.h"
#include "os/scoped_fd.h"
#include "trim/report.h"

namespace tare {

// The report file of a program under `tare run --exec` (kRunReportVariable names it). It is memory
// with a path, so nothing is left behind however either process ends.
class TrimReportFile {
 public:
  // Errors: Io.
  static Result<TrimReportFile> Create();

  std::string path() const;  // valid while this object exists
  TrimReport Read() const;   // what was written so far

 private:
  explicit TrimReportFile(ScopedFd file) : file_(std::move(file)) {}
  ScopedFd file_;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_TRIM_REPORT_H_
