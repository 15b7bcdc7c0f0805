#ifndef TARE_OS_CPU_TOPOLOGY_H_
#define TARE_OS_CPU_TOPOLOGY_H_

#include <cstddef>
#include <string>

namespace tare {

// Physical cores that this process may run on; hyper-threads of one core count once. At least 1.
// The affinity already respects the cpuset, because the kernel keeps it within that. Source:
// sched_getaffinity and /sys/devices/system/cpu/*/topology; if that cannot be read, each allowed
// CPU counts as a core.
size_t PhysicalCoreCount();

// The largest number of threads that can be requested: far more than useful, but all can be
// started.
inline constexpr size_t kMaxThreads = 1024;

// The default number of threads: one per physical core, within the CPU quotas. At least 1.
//   root   as in CpuQuotaInCpus().
size_t DefaultThreads(const std::string& root = "");

}  // namespace tare

#endif  // TARE_OS_CPU_TOPOLOGY_H_
