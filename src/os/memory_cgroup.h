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

// A cgroup in which others can be made: version of the hierarchy and folder.
struct CgroupParent {
  int version = 2;
  std::string folder;
};

// A memory cgroup for one worker and all it starts. It, and what still runs in it, is gone when
// this is destroyed. Its name tells who made it, so that what a killed owner left can be found.
class MemoryCgroup {
 public:
  // `limit_bytes`: what its processes may hold, page cache that they caused included; swap is
  // switched off for them.
  //   Errors   Io: the folder or file and why the kernel refused; Unsupported where there is swap
  //            that the kernel cannot switch off for one cgroup.
  static Result<MemoryCgroup> Create(const CgroupParent& parent,
                                     std::optional<uint64_t> limit_bytes);
  MemoryCgroup(MemoryCgroup&& other) noexcept;
  MemoryCgroup& operator=(MemoryCgroup&&) = delete;
  ~MemoryCgroup();

  // Open for writing; a process that writes "0" to it is in the cgroup.
  int procs_fd() const { return procs_.get(); }
  const std::string& folder() const { return folder_; }

  // How often the kernel killed in it for want of memory.
  uint64_t OomKills() const;
  // Whether it ever wanted more than its own limit: else a kill was for want of memory elsewhere.
  bool ReachedLimit() const;
  // The most that was charged to it at one time, page cache included; nullopt where the kernel does
  // not tell (version 2 before Linux 5.19).
  std::optional<uint64_t> PeakBytes() const;
  // All processes in it, in no order.
  std::vector<pid_t> Processes() const;
  // Gives page cache that is charged to it back to the system, as far as it goes.
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

// Removes cgroups that processes which are no more made anywhere under `mount_point`, and ends what
// still runs in them. Those of living owners, of other PID namespaces and of others are left alone.
void RemoveStaleCgroups(const std::string& mount_point);

}  // namespace tare

#endif  // TARE_OS_MEMORY_CGROUP_H_
