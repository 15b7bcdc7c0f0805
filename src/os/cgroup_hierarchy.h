#ifndef TARE_OS_CGROUP_HIERARCHY_H_
#define TARE_OS_CGROUP_HIERARCHY_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tare {

// Where a cgroup controller is mounted, and this process's place in it.
struct CgroupHierarchy {
  int version = 2;          // 1: the controller's own hierarchy; 2: the unified one
  std::string mount_point;  // "/sys/fs/cgroup"
  std::string own_folder;   // of this process's cgroup, at or below mount_point
};

// Finds `controller` ("memory", "cpu") in the texts of /proc/self/cgroup and /proc/self/mountinfo.
// Looks for a version-1 hierarchy first, because a controller is in one hierarchy only.
//   Errors   Unsupported if the controller is in no mounted hierarchy, or this process is outside
//   the
//            mounted part.
Result<CgroupHierarchy> ParseCgroupHierarchy(std::string_view controller,
                                             std::string_view self_cgroup,
                                             std::string_view mountinfo);

// The same for this process, now. `root` is the folder that holds /proc and the mounts; tests use
// their own. Errors: also Io.
Result<CgroupHierarchy> ReadCgroupHierarchy(std::string_view controller,
                                            const std::string& root = "");

// This process's cgroup folder and those above it, up to the mount point. Their limits apply to
// this process.
std::vector<std::string> FoldersAbove(const CgroupHierarchy& hierarchy);

}  // namespace tare

#endif  // TARE_OS_CGROUP_HIERARCHY_H_
