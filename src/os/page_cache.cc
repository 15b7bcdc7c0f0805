#include "os/page_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "os/scoped_fd.h"

namespace tare {
namespace {

constexpr size_t kMaxModelFiles = 10'000;

// The cached part of an open file of `size` bytes. Mapping the file touches no page.
std::optional<uint64_t> ResidentBytes(const ScopedFd& fd, size_t size) {
  void* const data = mmap(nullptr, size, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (data == MAP_FAILED) return std::nullopt;
  const size_t page_bytes = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> resident((size + page_bytes - 1) / page_bytes);
  const bool told = mincore(data, size, resident.data()) == 0;
  munmap(data, size);
  if (!told) return std::nullopt;
  const auto pages = std::count_if(resident.begin(), resident.end(),
                                   [](unsigned char flags) { return (flags & 1) != 0; });
  return std::min<uint64_t>(size, static_cast<uint64_t>(pages) * page_bytes);
}

// The size of an open regular file; nullopt of anything else.
std::optional<size_t> RegularSize(const ScopedFd& fd) {
  struct stat info = {};
  if (!fd.valid() || fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return static_cast<size_t>(info.st_size);
}

// Not blocking: the path may be that of a pipe.
ScopedFd OpenToLook(const std::string& path) {
  return ScopedFd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
}

CachedFile Look(const std::string& path, const ScopedFd& fd) {
  CachedFile file{path, 0, std::nullopt};
  const std::optional<size_t> size = RegularSize(fd);
  if (!size) return file;
  file.bytes = *size;
  file.cached_bytes = *size == 0 ? 0 : ResidentBytes(fd, *size);
  return file;
}

}  // namespace

CachedFile ReadCachedFile(const std::string& path) { return Look(path, OpenToLook(path)); }

std::optional<uint64_t> PageCacheBytes(const std::string& path) {
  const CachedFile file = ReadCachedFile(path);
  return file.bytes == 0 ? std::nullopt : file.cached_bytes;
}

CachedFile EvictFile(const std::string& path) {
  const ScopedFd fd = OpenToLook(path);
  if (RegularSize(fd)) {
    // Dirty pages would stay. This writes data alone: no journal is forced out, as fsync would.
    sync_file_range(
        fd.get(), 0, 0,
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER);
    posix_fadvise(fd.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
  return Look(path, fd);
}

std::vector<std::string> ModelFiles(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const bool is_folder = fs::is_directory(path, error);
  std::smatch split;
  const std::regex part_name("^(.*-)[0-9]{5}(-of-[0-9]{5}\\.gguf)$");
  if (!is_folder && !std::regex_match(path, split, part_name)) return {path};

  std::vector<std::string> files;
  const fs::path folder = is_folder ? fs::path(path) : fs::path(path).parent_path();
  const auto options = fs::directory_options::skip_permission_denied;
  fs::recursive_directory_iterator entry(folder.empty() ? "." : folder, options, error);
  for (; !error && entry != fs::recursive_directory_iterator(); entry.increment(error)) {
    if (!is_folder) entry.disable_recursion_pending();
    const std::string name = (folder / entry->path().lexically_relative(folder)).string();
    const bool belongs =
        is_folder || (name.starts_with(split[1].str()) && name.ends_with(split[2].str()));
    std::error_code unreadable;
    if (belongs && entry->is_regular_file(unreadable)) files.push_back(name);
    if (files.size() == kMaxModelFiles) break;
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace tare
