#ifndef TARE_BENCH_CGROUP_HIERARCHY_H_
#define TARE_BENCH_CGROUP_HIERARCHY_H_

#include <string>
#include <string_view>

#include "base/error.h"

namespace tare {

// Where the kernel shows the memory controller, and this process in it.
struct CgroupHierarchy {
  int version = 2;          // 1: a hierarchy with the memory controller; 2: the unified one
  std::string mount_point;  // "/sys/fs/cgroup"
  std::string own_folder;   // of this process's cgroup, at or below mount_point
};

// From the texts of /proc/self/cgroup and /proc/self/mountinfo. A version-1 memory hierarchy comes
// first, for the controller can be in one hierarchy only.
//   Errors   Unsupported when memory is in no mounted hierarchy, or we are outside what is mounted.
Result<CgroupHierarchy> ParseCgroupHierarchy(std::string_view self_cgroup,
                                             std::string_view mountinfo);

// The same of this process, now. Errors: also Io.
Result<CgroupHierarchy> ReadCgroupHierarchy();

}  // namespace tare

#endif  // TARE_BENCH_CGROUP_HIERARCHY_H_
