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
  std::optional<uint64_t> cached_bytes;  // nullopt if the kernel does not report it
};

// nullopt if the file cannot be opened or is empty, or if this process may not know (mincore then
// reports all pages as cached).
std::optional<uint64_t> PageCacheBytes(const std::string& path);
CachedFile ReadCachedFile(const std::string& path);

// Writes back a file's dirty pages, drops its pages from the page cache, and returns what is left.
// Pages that a running process maps stay cached. A file that cannot be opened is left alone.
CachedFile EvictFile(const std::string& path);

// The files of the model at `path`: all files below a folder, all parts of a split GGUF
// ("…-00001-of-00003.gguf"), or the file itself. At most 10,000, sorted.
std::vector<std::string> ModelFiles(const std::string& path);

}  // namespace tare

#endif  // TARE_OS_PAGE_CACHE_H_
