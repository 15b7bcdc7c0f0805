#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/temporaries.h"

namespace tare {
namespace {

// Makes the rename itself durable. Some file systems cannot sync a directory: no reason to fail.
void SyncFolderOf(const std::string& path) {
  std::filesystem::path folder = std::filesystem::path(path).parent_path();
  if (folder.empty()) folder = ".";
  const int fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)::fsync(fd);
  ::close(fd);
}

}  // namespace

Result<AtomicFile> AtomicFile::Create(const std::string& path) {
  struct stat info = {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode)) {
    return InvalidInput("{}: exists and is not a regular file; choose another name", path);
  }
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string temporary = fmt::format("{}.tmp-{}-{}", path, ::getpid(), attempt);
    TemporariesChange temporaries;
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd >= 0) {
      temporaries.Add(temporary);
      return AtomicFile(path, std::move(temporary), fd);
    }
    if (errno != EEXIST) return WriteError(errno, path);
  }
  return IoError("{}: {} temporary files from earlier runs are in its folder; remove them", path,
                 kAttempts);
}

Status AtomicFile::Close() {
  const int fd = std::exchange(fd_, -1);
  if (fd >= 0 && ::close(fd) != 0) return WriteError(errno, path_);
  return {};
}

Status AtomicFile::Commit() {
  if (::fsync(fd_) != 0) return WriteError(errno, path_);
  TARE_RETURN_IF_ERROR(Close());
  {
    TemporariesChange temporaries;
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) return WriteError(errno, path_);
    temporaries.Remove(std::exchange(temporary_, {}));
  }
  SyncFolderOf(path_);
  return {};
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)) {}

AtomicFile& AtomicFile::operator=(AtomicFile&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(temporary_, other.temporary_);
  std::swap(fd_, other.fd_);
  return *this;
}

AtomicFile::~AtomicFile() {
  (void)Close();
  if (temporary_.empty()) return;
  TemporariesChange temporaries;
  ::unlink(temporary_.c_str());
  temporaries.Remove(temporary_);
}

}  // namespace tare
