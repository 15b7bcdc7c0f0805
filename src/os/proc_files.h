#ifndef TARE_OS_PROC_FILES_H_
#define TARE_OS_PROC_FILES_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "os/small_file.h"

namespace tare {

// A process's memory, from /proc. The parsers are pure functions; each returns nullopt if a field
// is missing or is not a number (a zombie has none).

// /proc/PID/status.
struct StatusMemory {
  uint64_t rss_bytes = 0;
  uint64_t high_water_bytes = 0;  // VmHWM
  uint64_t anon_bytes = 0;
  uint64_t file_bytes = 0;
  uint64_t shmem_bytes = 0;
  uint64_t swap_bytes = 0;
};
std::optional<StatusMemory> ParseStatus(std::string_view text);

// /proc/PID/smaps_rollup.
struct RollupMemory {
  uint64_t rss_bytes = 0;
  uint64_t pss_bytes = 0;
  uint64_t uss_bytes = 0;  // private clean + private dirty
  uint64_t swap_bytes = 0;
};
std::optional<RollupMemory> ParseRollup(std::string_view text);

// /proc/PID/statm: resident memory, and the part of it that is file-backed or shared.
struct StatmMemory {
  uint64_t rss_bytes = 0;
  uint64_t file_bytes = 0;  // shared memory included
};
std::optional<StatmMemory> ParseStatm(std::string_view text, uint64_t page_bytes);

// /proc/PID/maps: one mapping of a file.
struct FileMapping {
  uint64_t begin = 0;  // addresses
  uint64_t end = 0;
  uint64_t offset = 0;  // in the file
  uint64_t device = 0;  // as makedev
  uint64_t inode = 0;
};
std::vector<FileMapping> ParseMaps(std::string_view text);  // without anonymous mappings

std::optional<StatusMemory> ReadStatus(pid_t pid);
std::optional<RollupMemory> ReadRollup(pid_t pid);
// Bytes that the process, and the children that it has waited for, read from disk (/proc/PID/io).
// Works for a zombie too.
std::optional<uint64_t> ReadDiskBytes(pid_t pid);

// Direct children, in any order; empty if the kernel does not report them.
std::vector<pid_t> ChildrenOf(pid_t pid);
// Children, their children, and so on, without `pid` itself; at most 4096.
std::vector<pid_t> DescendantsOf(pid_t pid);

// Sets VmHWM to the current resident set (clear_refs, value 5). False if that is not permitted.
bool ResetHighWater(pid_t pid);

}  // namespace tare

#endif  // TARE_OS_PROC_FILES_H_
