#include "bench/result_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <utility>

namespace tare {
namespace {

Status WriteAll(int fd, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return ErrnoError(put < 0 ? errno : ENOSPC, fmt::format("cannot write {}", path));
    bytes.remove_prefix(static_cast<size_t>(put));
  }
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
  if (Status written = WriteAll(fd_.get(), record, path_); !written.ok()) {
    const off_t whole = static_cast<off_t>(size_);
    if (ftruncate(fd_.get(), whole) != 0 || lseek(fd_.get(), whole, SEEK_SET) < 0) {
      return written.error().In("the file may end in half a record");
    }
    return written;
  }
  size_ += record.size();
  return {};
}

Result<AtomicFile> AtomicFile::Open(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return InvalidInput("{} is a directory, expected the name of a file", path);
  }
  std::string temporary = fmt::format("{}.{}.tmp", path, getpid());
  ScopedFd fd(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!fd.valid()) return ErrnoError(errno, fmt::format("cannot make {}", temporary));
  return AtomicFile(path, std::move(temporary), std::move(fd));
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::move(other.fd_)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(fd_, other.fd_);
  return *this;
}

AtomicFile::~AtomicFile() {
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

Status AtomicFile::Commit(std::string_view content) {
  TARE_RETURN_IF_ERROR(WriteAll(fd_.get(), content, path_));
  if (rename(temporary_.c_str(), path_.c_str()) != 0) {
    return ErrnoError(errno, fmt::format("cannot rename {} to {}", temporary_, path_));
  }
  temporary_.clear();
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
