#include "base/atomic_folder.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/temporaries.h"

namespace tare {
namespace {

namespace fs = std::filesystem;

Status CheckOldFolder(const std::string& path, OldFolder old, const std::string& mark) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return {};
  if (!fs::is_directory(status)) {
    return InvalidInput("{}: exists and is not a folder; choose another name", path);
  }
  const bool is_empty = fs::is_empty(path, error);
  if (error) return ErrnoError(error.value(), path);
  if (is_empty) return {};
  if (old == OldFolder::kKeep) {
    return InvalidInput("{}: exists and is not empty; choose another name, or use --force", path);
  }
  if (fs::exists(path + "/" + mark, error)) return {};
  return InvalidInput(
      "{}: has no {}, so it is not a model's folder and will not be replaced; choose another name",
      path, mark);
}

void SyncFolder(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return;
  (void)::fsync(fd);  // some file systems cannot: no reason to fail
  ::close(fd);
}

// For a file system that cannot exchange two names: moves the old folder aside first. Afterwards it
// has the temporary name.
Status ExchangeInSteps(const std::string& temporary, const std::string& path) {
  const std::string aside = temporary + "-old";
  if (::rename(path.c_str(), aside.c_str()) != 0) return ErrnoError(errno, path);
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    const int reason = errno;
    (void)::rename(aside.c_str(), path.c_str());
    return ErrnoError(reason, path);
  }
  if (::rename(aside.c_str(), temporary.c_str()) != 0) return ErrnoError(errno, aside);
  return {};
}

// Renames; an older file or folder of that name gets the temporary name.
Status Exchange(const std::string& temporary, const std::string& path) {
  if (::rename(temporary.c_str(), path.c_str()) == 0) return {};
  if (errno != ENOTEMPTY && errno != EEXIST) return ErrnoError(errno, path);
  if (::renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) {
    return {};
  }
  return ExchangeInSteps(temporary, path);
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
    TemporariesChange temporaries;
    if (::mkdir(temporary.c_str(), 0777) == 0) {
      temporaries.Add(temporary);
      return AtomicFolder(target, std::move(temporary));
    }
    if (errno != EEXIST) return ErrnoError(errno, path + ": cannot be written");
  }
  return IoError("{}: {} temporary folders from earlier runs are in its parent folder; remove them",
                 path, kAttempts);
}

Status AtomicFolder::MakeFolder(const std::string& name) const {
  const TemporariesChange held;
  std::error_code error;
  fs::create_directories(temporary_ + "/" + name, error);
  if (error) return ErrnoError(error.value(), temporary_ + "/" + name);
  return {};
}

Status AtomicFolder::Commit() {
  SyncFolder(temporary_);
  {
    const TemporariesChange held;
    TARE_RETURN_IF_ERROR(Exchange(temporary_, path_));
  }
  RemoveTemporary();
  SyncFolder(fs::path(path_).parent_path());
  return {};
}

void AtomicFolder::RemoveTemporary() {
  if (temporary_.empty()) return;
  std::error_code ignored;
  fs::remove_all(temporary_, ignored);
  TemporariesChange().Remove(std::exchange(temporary_, {}));
}

AtomicFolder::~AtomicFolder() { RemoveTemporary(); }

}  // namespace tare
