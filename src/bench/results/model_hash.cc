#include "bench/results/model_hash.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <map>
#include <span>
#include <system_error>

#include "bench/results/sha256.h"
#include "os/page_cache.h"
#include "os/scoped_fd.h"

namespace tare {
namespace {

namespace fs = std::filesystem;

constexpr size_t kReadBytes = size_t{1} << 20;

Result<FileStamp> StampOf(const ScopedFd& fd, const std::string& path) {
  struct stat file = {};
  if (!fd.valid() || fstat(fd.get(), &file) != 0) {
    return ErrnoError(errno, fmt::format("cannot open {}", path));
  }
  std::error_code error;
  FileStamp stamp;
  stamp.path = fs::canonical(path, error).string();
  stamp.bytes = static_cast<uint64_t>(file.st_size);
  stamp.modified_ns = file.st_mtim.tv_sec * int64_t{1'000'000'000} + file.st_mtim.tv_nsec;
  stamp.device = file.st_dev;
  stamp.inode = file.st_ino;
  return stamp;
}

Result<std::string> HashBytes(const ScopedFd& fd, const std::string& path) {
  Sha256 hash;
  std::vector<std::byte> buffer(kReadBytes);
  while (true) {
    const ssize_t got = read(fd.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ErrnoError(errno, fmt::format("cannot read {}", path));
    if (got == 0) return hash.Finish();
    hash.Add(std::span(buffer).first(static_cast<size_t>(got)));
  }
}

Result<std::string> FileHash(const std::string& path, const HashCache& cache) {
  const ScopedFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  TARE_ASSIGN_OR_RETURN(const FileStamp before, StampOf(fd, path));
  if (std::string known = cache.find(before); !known.empty()) return known;
  TARE_ASSIGN_OR_RETURN(std::string hash, HashBytes(fd, path));
  TARE_ASSIGN_OR_RETURN(const FileStamp after, StampOf(fd, path));
  if (before == after) cache.keep(after, hash);
  return hash;
}

// Keyed by name within the folder, so that the folder's location does not matter.
Result<std::map<std::string, std::string>> FilesIn(const std::string& folder) {
  std::map<std::string, std::string> files;
  std::error_code error;
  fs::recursive_directory_iterator entry(folder, error);
  for (; !error && entry != fs::end(entry); entry.increment(error)) {
    const bool hidden = entry->path().filename().string().starts_with('.');
    if (hidden) entry.disable_recursion_pending();
    std::error_code unreadable;
    if (hidden || !entry->is_regular_file(unreadable)) continue;
    files[entry->path().lexically_relative(folder).string()] = entry->path().string();
  }
  if (error) return ErrnoError(error.value(), fmt::format("cannot list {}", folder));
  return files;
}

}  // namespace

Result<std::string> ModelHash(const std::string& model, const HashCache& cache) {
  std::error_code error;
  const fs::file_status status = fs::status(model, error);
  const bool is_file = fs::is_regular_file(status);
  if (!is_file && !fs::is_directory(status)) {
    return InvalidInput("{} is neither a file nor a folder", model);
  }
  const std::vector<std::string> parts = ModelFiles(model);
  if (is_file && parts.size() == 1) return FileHash(model, cache);
  std::map<std::string, std::string> files;
  if (is_file) {  // split into parts
    for (const std::string& part : parts) files[fs::path(part).filename().string()] = part;
  } else {
    TARE_ASSIGN_OR_RETURN(files, FilesIn(model));
  }
  Sha256 all;
  for (const auto& [name, path] : files) {
    TARE_ASSIGN_OR_RETURN(const std::string hash, FileHash(path, cache));
    const std::string line = fmt::format("{} {}\n", hash, name);
    all.Add(std::as_bytes(std::span(line)));
  }
  return all.Finish();
}

}  // namespace tare
