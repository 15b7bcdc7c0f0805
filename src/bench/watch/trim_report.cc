#include "bench/watch/trim_report.h"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "os/small_file.h"

namespace tare {
Result<TrimReportFile> TrimReportFile::Create() {
  ScopedFd file(memfd_create("tare-run-report", MFD_CLOEXEC));
  if (!file.valid()) return ErrnoError(errno, "cannot make memory for a report");
  return TrimReportFile(std::move(file));
}

std::string TrimReportFile::path() const {
  return fmt::format("/proc/{}/fd/{}", getpid(), file_.get());
}

TrimReport TrimReportFile::Read() const {
  const Result<std::string> lines = ReadSmallFile(path());
  return lines.ok() ? ParseTrimReport(*lines) : TrimReport();
}

}  // namespace tare
