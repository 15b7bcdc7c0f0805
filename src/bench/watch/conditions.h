#ifndef TARE_BENCH_WATCH_CONDITIONS_H_
#define TARE_BENCH_WATCH_CONDITIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "os/cpu_quota.h"

namespace tare {

// What else happened on the machine during a run.
struct RunConditions {
  std::string started_at;  // UTC, ISO 8601
  uint64_t wall_ns = 0;
  // Share of all CPU time used by other programs or stolen by the host; nullopt if /proc does not
  // report it.
  std::optional<double> others_cpu_share;
  std::optional<uint64_t> swapped_pages;    // in and out, on the whole machine
  std::optional<uint64_t> throttle_events;  // thermal, on all CPUs
  // Bytes per second that all cores read from memory, just before the worker starts and just after
  // it ends; nullopt if not measured.
  std::optional<uint64_t> read_before_bytes_per_second;
  std::optional<uint64_t> read_after_bytes_per_second;
  // Periods in which a CPU quota stopped threads of this cgroup or one of its parents, and the
  // stopped time summed over CPUs; nullopt if no cgroup reports it.
  std::optional<uint64_t> quota_throttled_periods;
  std::optional<uint64_t> quota_throttled_ns;

  // The mean of the two readings; nullopt if one is unknown.
  std::optional<double> ReadBytesPerSecond() const;
  // The difference between the two, relative to the larger one; 0 if one is unknown.
  double ReadDifference() const;
};

// Counters for RunConditions, read before and after a run.
struct ConditionCounters {
  uint64_t wall_ns = 0;                // monotonic
  std::optional<uint64_t> busy_ticks;  // on all CPUs, including stolen ticks
  uint64_t own_ns = 0;                 // CPU time of this process and its reaped children
  std::optional<uint64_t> swapped_pages;
  std::optional<uint64_t> throttle_events;
  std::optional<CpuThrottling> quota;
};
ConditionCounters ReadConditionCounters();

// Precondition: ticks_per_second and cpus are positive.
RunConditions ConditionsBetween(const ConditionCounters& before, const ConditionCounters& after,
                                uint64_t ticks_per_second, uint64_t cpus);

// Ticks of all CPUs together since boot, from the text of /proc/stat: all except idle and I/O wait.
// User time already includes guests. nullopt if the text has another format.
std::optional<uint64_t> ParseBusyTicks(const std::string& stat);

// The number of CPUs in the sums of /proc/stat, including those that this process may not use.
uint64_t OnlineCpus();
uint64_t TicksPerSecond();

}  // namespace tare

#endif  // TARE_BENCH_WATCH_CONDITIONS_H_
