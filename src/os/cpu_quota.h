#ifndef TARE_OS_CPU_QUOTA_H_
#define TARE_OS_CPU_QUOTA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace tare {

// The number of CPUs that the CPU quotas of this process's cgroup and all cgroups above it allow:
// the smallest quota / period, rounded down, at least 1. nullopt if there is no quota or none can
// be read. More threads than this would be stopped for part of each period.
//   root     the folder that holds /proc and the cgroup mounts; tests use their own.
//   Source   cpu.max (version 2), cpu.cfs_quota_us and cpu.cfs_period_us (version 1).
std::optional<size_t> CpuQuotaInCpus(const std::string& root = "");

// How often these quotas have stopped threads since their cgroups were created.
struct CpuThrottling {
  uint64_t periods = 0;  // in which threads were stopped
  uint64_t ns = 0;       // time that threads were stopped, summed over CPUs
};
// nullopt if no cgroup at or above this process's own reports it (cpu.stat).
std::optional<CpuThrottling> ReadCpuThrottling(const std::string& root = "");

}  // namespace tare

#endif  // TARE_OS_CPU_QUOTA_H_
