#ifndef TARE_OS_PAGE_CACHE_H_
#define TARE_OS_PAGE_CACHE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tare {

// How much of a file is in the page cache.
struct CachedFile {
  std::string path;
  uint64_t bytes = 0;                    // of the file
  std::optional<uint64_t> cached_bytes;  // nullopt where the kernel does not tell
};

// nullopt where it cannot be opened, is empty, or is not ours to know (mincore then claims all).
std::optional<uint64_t> PageCacheBytes(const std::string& path);
CachedFile ReadCachedFile(const std::string& path);

// Writes back what is dirty of a file and drops its pages from the page cache, then looks what is
// left: pages that a running process maps stay, and a file that cannot be opened stays as it is.
CachedFile EvictFile(const std::string& path);

// The files of a model that is named by `path`: all files below a folder, all parts of a split GGUF
// ("…-00001-of-00003.gguf"), else the file itself. At most 10,000, sorted.
std::vector<std::string> ModelFiles(const std::string& path);

}  // namespace tare

#endif  // TARE_OS_PAGE_CACHE_H_
