#ifndef TARE_OS_CPU_QUOTA_H_
#define TARE_OS_CPU_QUOTA_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace tare {

// Whole CPUs' worth of time that the CPU quotas of this process's cgroup and of every cgroup above
// it leave: the smallest quota / period, rounded down, at least 1. nullopt where none has a quota
// or none can be read. More threads than this would be stopped for a part of each period.
//   root     where /proc and the mounts of cgroups are looked for; a test gives a folder of its
//   own. Source   cpu.max (version 2), cpu.cfs_quota_us and cpu.cfs_period_us (version 1).
std::optional<size_t> CpuQuotaInCpus(const std::string& root = "");

// How often those quotas have stopped threads, since their cgroups were made.
struct CpuThrottling {
  uint64_t periods = 0;  // in which threads were stopped
  uint64_t ns = 0;       // that they stood still, summed over CPUs
};
// nullopt where no cgroup at or above ours tells (cpu.stat).
std::optional<CpuThrottling> ReadCpuThrottling(const std::string& root = "");

}  // namespace tare

#endif  // TARE_OS_CPU_QUOTA_H_
