#ifndef TARE_OS_CGROUP_HIERARCHY_H_
#define TARE_OS_CGROUP_HIERARCHY_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace tare {

// Where the kernel shows a controller, and this process in it.
struct CgroupHierarchy {
  int version = 2;          // 1: a hierarchy with that controller; 2: the unified one
  std::string mount_point;  // "/sys/fs/cgroup"
  std::string own_folder;   // of this process's cgroup, at or below mount_point
};

// From the texts of /proc/self/cgroup and /proc/self/mountinfo, for `controller` ("memory", "cpu").
// A version-1 hierarchy comes first, for a controller can be in one hierarchy only.
//   Errors   Unsupported when the controller is in no mounted hierarchy, or we are outside what is
//            mounted.
Result<CgroupHierarchy> ParseCgroupHierarchy(std::string_view controller,
                                             std::string_view self_cgroup,
                                             std::string_view mountinfo);

// The same of this process, now. `root` is where /proc and the mounts are looked for; a test gives
// a folder of its own. Errors: also Io.
Result<CgroupHierarchy> ReadCgroupHierarchy(std::string_view controller,
                                            const std::string& root = "");

// This process's folder and those above it, up to the mount point: whatever is limited there is
// limited for us.
std::vector<std::string> FoldersAbove(const CgroupHierarchy& hierarchy);

}  // namespace tare

#endif  // TARE_OS_CGROUP_HIERARCHY_H_
