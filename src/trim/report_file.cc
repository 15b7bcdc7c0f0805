#include "trim/report_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/temporaries.h"

namespace tare {

namespace fs = std::filesystem;

Result<ReportFile> ReportFile::Named(const std::string& path) {
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return ErrnoError(errno, path);
  close(file);
  std::error_code error;  // a path that cannot be made absolute stays as it is
  const fs::path absolute = fs::absolute(path, error);
  return ReportFile(error ? path : absolute.string(), false);
}

Result<ReportFile> ReportFile::Temporary() {
  std::error_code error;
  const fs::path folder = fs::temp_directory_path(error);
  std::string path = (error ? "/tmp" : folder.string()) + "/tare-run-XXXXXX";
  TemporariesChange temporaries;
  const int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return ErrnoError(errno, path);
  close(file);
  temporaries.Add(path);
  return ReportFile(std::move(path), true);
}

ReportFile::ReportFile(ReportFile&& other) noexcept
    : path_(std::move(other.path_)), goes_(std::exchange(other.goes_, false)) {}

ReportFile::~ReportFile() {
  if (!goes_) return;
  TemporariesChange temporaries;
  unlink(path_.c_str());
  temporaries.Remove(path_);
}

}  // namespace tare
