#include "base/atomic_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

namespace tare {
namespace {

namespace fs = std::filesystem;

Status CheckOldFolder(const std::string& path, OldFolder old, const std::string& mark) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_directory(status)) {
    return InvalidInput("{}: is there and is no folder; write to another name", path);
  }
  const bool is_empty = fs::is_empty(path, error);
  if (error) return ErrnoError(error.value(), path);
  if (is_empty) return {};
  if (old == OldFolder::kKeep) {
    return InvalidInput("{}: is there and is not empty; write to another name, or use --force",
                        path);
  }
  if (fs::exists(path + "/" + mark, error)) return {};
  return InvalidInput("{}: has no {}, so it is no model's folder and stays; write to another name",
                      path, mark);
}

void SyncFolder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)::fsync(fd);  // some file systems cannot: no reason to fail
  ::close(fd);
}

// Where the file system cannot exchange two names, the old folder goes aside first.
Status RenameInTwoSteps(const std::string& temporary, const std::string& path) {
  const std::string aside = temporary + "-old";
  if (::rename(path.c_str(), aside.c_str()) != 0) return ErrnoError(errno, path);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    (void)::rename(aside.c_str(), path.c_str());
    return ErrnoError(reason, path);
  }
  std::error_code ignored;
  fs::remove_all(aside, ignored);
  return {};
}

}  // namespace

Result<AtomicFolder> AtomicFolder::Create(const std::string& path, OldFolder old,
                                          const std::string& mark) {
  std::error_code error;
  // Follows links, and drops a slash at the end, so that "beside it" means what it says.
  fs::path target = fs::weakly_canonical(fs::absolute(path, error), error);
  if (error) return ErrnoError(error.value(), path);
  if (!target.has_filename()) target = target.parent_path();
  TARE_RETURN_IF_ERROR(CheckOldFolder(target, old, mark));
  constexpr int kAttempts = 100;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string temporary = fmt::format("{}.tmp-{}-{}", target.string(), ::getpid(), attempt);
    if (::mkdir(temporary.c_str(), 0777) == 0) return AtomicFolder(target, std::move(temporary));
    if (errno != EEXIST) return ErrnoError(errno, path + ": cannot be written");
  }
  return IoError("{}: {} temporary folders from earlier runs lie beside it; remove them", path,
                 kAttempts);
}

Status AtomicFolder::MakeFolder(const std::string& name) const {
  std::error_code error;
  fs::create_directories(temporary_ + "/" + name, error);
  if (error) return ErrnoError(error.value(), temporary_ + "/" + name);
  return {};
}

Status AtomicFolder::Commit() {
  SyncFolder(temporary_);
  const std::string parent = fs::path(path_).parent_path();
  if (::rename(temporary_.c_str(), path_.c_str()) == 0) {
    temporary_.clear();
    SyncFolder(parent);
    return {};
  }
  if (errno != ENOTEMPTY && errno != EEXIST) return ErrnoError(errno, path_);
  if (::renameat2(AT_FDCWD, temporary_.c_str(), AT_FDCWD, path_.c_str(), RENAME_EXCHANGE) == 0) {
    // What has the temporary name now is the old folder.
    std::error_code ignored;
    fs::remove_all(temporary_, ignored);
  } else {
    TARE_RETURN_IF_ERROR(RenameInTwoSteps(temporary_, path_));
  }
  temporary_.clear();
  SyncFolder(parent);
  return {};
}

AtomicFolder::~AtomicFolder() {
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove_all(temporary_, ignored);
}

}  // namespace tare
