#include "bench/result_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <span>
#include <utility>

#include "base/atomic_file.h"

namespace tare {
namespace {

Status WriteDurably(int fd, std::string_view text, const std::string& path) {
  TARE_RETURN_IF_ERROR(WriteAll(fd, std::as_bytes(std::span(text)), path));
  if (fsync(fd) != 0 && errno != EINVAL) {  // EINVAL: a pipe or the like, which has no disk
    return ErrnoError(errno, fmt::format("cannot write {} to the disk", path));
  }
  return {};
}

}  // namespace

Result<ResultLog> ResultLog::Create(const std::string& path) {
  std::error_code error;
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, error);
  if (error) return ErrnoError(error.value(), fmt::format("cannot make {}", folder.string()));
  ScopedFd fd(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
  if (!fd.valid()) return ErrnoError(errno, fmt::format("cannot make {}", path));
  return ResultLog(path, std::move(fd));
}

Status ResultLog::Append(std::string_view record) {
  if (Status written = WriteDurably(fd_.get(), record, path_); !written.ok()) {
    const off_t whole = static_cast<off_t>(size_);
    if (ftruncate(fd_.get(), whole) != 0 || lseek(fd_.get(), whole, SEEK_SET) < 0) {
      return written.error().In("the file may end in half a record");
    }
    return written;
  }
  size_ += record.size();
  return {};
}

Result<std::string> DefaultResultFolder() {
  const char* state = std::getenv("XDG_STATE_HOME");
  if (state != nullptr && *state != '\0') return std::string(state) + "/tare/results";
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') {
    return InvalidInput("neither XDG_STATE_HOME nor HOME is set; set one, results are kept there");
  }
  return std::string(home) + "/.local/state/tare/results";
}

std::string UtcNow() {
  const time_t now = std::time(nullptr);
  tm parts;
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

}  // namespace tare
