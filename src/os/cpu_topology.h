#ifndef TARE_OS_CPU_TOPOLOGY_H_
#define TARE_OS_CPU_TOPOLOGY_H_

#include <cstddef>
#include <string>

namespace tare {

// Physical cores that this process may run on: hyper-threads of one core count once. At least 1.
// The kernel keeps a process's affinity within its cpuset, so both are considered.
// Source: sched_getaffinity and /sys/devices/system/cpu/*/topology; where that cannot be read, each
// allowed CPU counts as a core.
size_t PhysicalCoreCount();

// The most threads that a run may ask for: far more than help, few enough that all can be started.
inline constexpr size_t kMaxThreads = 1024;

// Threads to compute with unless told otherwise: one a physical core, but no more than CPU quotas
// leave time for. At least 1.
//   root   as in CpuQuotaInCpus().
size_t DefaultThreads(const std::string& root = "");

}  // namespace tare

#endif  // TARE_OS_CPU_TOPOLOGY_H_
