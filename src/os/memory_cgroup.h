#ifndef TARE_OS_MEMORY_CGROUP_H_
#define TARE_OS_MEMORY_CGROUP_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "os/scoped_fd.h"

namespace tare {

// A cgroup in which others can be created: version of the hierarchy, and folder.
struct CgroupParent {
  int version = 2;
  std::string folder;
};

// A memory cgroup for one worker and all processes that it starts. The destructor ends what still
// runs in it and removes it. Its name tells who created it, so that leftovers of a killed owner can
// be found.
class MemoryCgroup {
 public:
  // `limit_bytes` limits the memory of its processes, including the page cache that they cause.
  // Swap is switched off for them.
  //   Errors   Io, with the folder or file and why the kernel refused; Unsupported if there is swap
  //            that the kernel cannot switch off for one cgroup.
  static Result<MemoryCgroup> Create(const CgroupParent& parent,
                                     std::optional<uint64_t> limit_bytes);
  MemoryCgroup(MemoryCgroup&& other) noexcept;
  MemoryCgroup& operator=(MemoryCgroup&&) = delete;
  ~MemoryCgroup();

  // Open for writing; a process that writes "0" to it enters the cgroup.
  int procs_fd() const { return procs_.get(); }
  const std::string& folder() const { return folder_; }

  // How often the kernel killed a process in it because memory ran out.
  uint64_t OomKills() const;
  // Whether it ever reached its own limit; if not, memory ran out elsewhere when a process was
  // killed.
  bool ReachedLimit() const;
  // The highest memory charged to it, page cache included; nullopt if the kernel does not report it
  // (version 2 before Linux 5.19).
  std::optional<uint64_t> PeakBytes() const;
  // All processes in it, in any order.
  std::vector<pid_t> Processes() const;
  // Gives as much as possible of the page cache charged to it back to the system.
  void DropPageCache() const;

 private:
  MemoryCgroup(int version, std::string folder) : version_(version), folder_(std::move(folder)) {}
  Status Limit(uint64_t bytes);

  int version_;
  std::string folder_;  // empty: moved from
  ScopedFd procs_;
};

bool SystemHasSwap();

// Writes `text` to a file of the cgroup file system. Errors: Io, with the path.
Status WriteCgroupFile(const std::string& path, std::string_view text);

// Removes all cgroups under `mount_point` whose owner, a Tare process, has ended, and ends what
// still runs in them. Leaves alone cgroups of living owners, of other PID namespaces and of other
// programs.
void RemoveStaleCgroups(const std::string& mount_point);

}  // namespace tare

#endif  // TARE_OS_MEMORY_CGROUP_H_
