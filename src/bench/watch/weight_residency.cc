#include "bench/watch/weight_residency.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "os/proc_files.h"
#include "os/scoped_fd.h"

namespace tare {
namespace {

constexpr uint64_t kPagePresent = uint64_t{1} << 63;
constexpr uint64_t kPageSwapped = uint64_t{1} << 62;

// Marks the file's pages that one mapping holds. Returns false if pagemap cannot be read.
bool MarkMapping(const ScopedFd& pagemap, const FileMapping& mapping, uint64_t page_bytes,
                 std::vector<bool>& pages) {
  const uint64_t first = mapping.offset / page_bytes;
  if (first >= pages.size()) return true;
  const uint64_t count =
      std::min<uint64_t>((mapping.end - mapping.begin) / page_bytes, pages.size() - first);
  std::vector<uint64_t> entries(count);
  const ssize_t wanted = static_cast<ssize_t>(count * sizeof(uint64_t));
  const off_t at = static_cast<off_t>(mapping.begin / page_bytes * sizeof(uint64_t));
  if (pread(pagemap.get(), entries.data(), static_cast<size_t>(wanted), at) != wanted) return false;
  for (uint64_t i = 0; i < count; ++i) {
    if ((entries[i] & (kPagePresent | kPageSwapped)) != 0) pages[first + i] = true;
  }
  return true;
}

uint64_t AbsentBytes(const FileRange& range, uint64_t page_bytes, const std::vector<bool>& pages) {
  uint64_t absent = 0;
  const uint64_t end = range.offset + range.bytes;
  for (uint64_t at = range.offset; at < end;) {
    const uint64_t page = at / page_bytes;
    const uint64_t stop = std::min(end, (page + 1) * page_bytes);
    if (page >= pages.size() || !pages[page]) absent += stop - at;
    at = stop;
  }
  return absent;
}

}  // namespace

std::optional<uint64_t> UntouchedWeightBytes(pid_t pid, const std::string& path,
                                             const std::vector<FileRange>& ranges) {
  struct stat file = {};
  if (stat(path.c_str(), &file) != 0) return std::nullopt;
  const Result<std::string> maps = ReadSmallFile(fmt::format("/proc/{}/maps", pid));
  const ScopedFd pagemap(open(fmt::format("/proc/{}/pagemap", pid).c_str(), O_RDONLY | O_CLOEXEC));
  if (!maps.ok() || !pagemap.valid()) return std::nullopt;

  const uint64_t page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const uint64_t page_count = (static_cast<uint64_t>(file.st_size) + page_bytes - 1) / page_bytes;
  std::vector<bool> pages(page_count);
  bool mapped = false;
  for (const FileMapping& mapping : ParseMaps(*maps)) {
    if (mapping.inode != file.st_ino || mapping.device != file.st_dev) continue;
    mapped = true;
    if (!MarkMapping(pagemap, mapping, page_bytes, pages)) return std::nullopt;
  }
  if (!mapped) return std::nullopt;
  uint64_t absent = 0;
  for (const FileRange& range : ranges) absent += AbsentBytes(range, page_bytes, pages);
  return absent;
}

}  // namespace tare
