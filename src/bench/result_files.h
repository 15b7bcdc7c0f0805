#ifndef TARE_BENCH_RESULT_FILES_H_
#define TARE_BENCH_RESULT_FILES_H_

#include <string>
#include <string_view>

#include "base/error.h"
#include "bench/scoped_fd.h"

namespace tare {

// A file that grows by whole records, each on the disk before Append returns. A record that does
// not fit is taken back, so that the file never ends in half a record.
class ResultLog {
 public:
  // Makes missing folders, and a new file. Errors: Io.
  static Result<ResultLog> Create(const std::string& path);

  Status Append(std::string_view record);
  const std::string& path() const { return path_; }

 private:
  ResultLog(std::string path, ScopedFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  std::string path_;
  ScopedFd fd_;
  size_t size_ = 0;
};

// `${XDG_STATE_HOME:-~/.local/state}/tare/results`. Errors: InvalidInput without HOME.
Result<std::string> DefaultResultFolder();

// The present time as "2025-08-14T12:00:00Z".
std::string UtcNow();

}  // namespace tare

#endif  // TARE_BENCH_RESULT_FILES_H_
