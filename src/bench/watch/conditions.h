#ifndef TARE_BENCH_WATCH_CONDITIONS_H_
#define TARE_BENCH_WATCH_CONDITIONS_H_

#include <cstdint>
#include <optional>
#include <string>

#include "os/cpu_quota.h"

namespace tare {

// What else the machine did while a run was measured.
struct RunConditions {
  std::string started_at;  // UTC, ISO 8601
  uint64_t wall_ns = 0;
  // Share of all CPUs' time that went to others than this program and its workers, or was stolen by
  // the host; nullopt where /proc does not tell.
  std::optional<double> others_cpu_share;
  std::optional<uint64_t> swapped_pages;    // in and out, of the whole machine
  std::optional<uint64_t> throttle_events;  // of all CPUs, for heat
  // Bytes a second that all cores read from memory, just before the worker started and just after
  // it ended; nullopt where they were not measured.
  std::optional<uint64_t> read_before_bytes_per_second;
  std::optional<uint64_t> read_after_bytes_per_second;
  // Periods in which a CPU quota stopped threads of this cgroup or of one above it, and for how
  // long, summed over CPUs; nullopt where no cgroup tells.
  std::optional<uint64_t> quota_throttled_periods;
  std::optional<uint64_t> quota_throttled_ns;

  // The mean of the two: what the run had, as far as is known.
  std::optional<double> ReadBytesPerSecond() const;
  // By how much of the larger the two differ; 0 where they are not known.
  double ReadDifference() const;
};

// The counters from which conditions are made: one reading before a run, one after.
struct ConditionCounters {
  uint64_t wall_ns = 0;                // monotonic
  std::optional<uint64_t> busy_ticks;  // of all CPUs, stolen ones included
  uint64_t own_ns = 0;                 // CPU time of this process and of all it has waited for
  std::optional<uint64_t> swapped_pages;
  std::optional<uint64_t> throttle_events;
  std::optional<CpuThrottling> quota;
};
ConditionCounters ReadConditionCounters();

// Precondition: ticks_per_second and cpus are positive.
RunConditions ConditionsBetween(const ConditionCounters& before, const ConditionCounters& after,
                                uint64_t ticks_per_second, uint64_t cpus);

// Of all CPUs together since the machine started, from the text of /proc/stat: all but idle and
// waiting for disks; guests are inside user time already. nullopt where it is not that file.
std::optional<uint64_t> ParseBusyTicks(const std::string& stat);

// The number of CPUs that /proc/stat sums over, those included that this process may not use.
uint64_t OnlineCpus();
uint64_t TicksPerSecond();

}  // namespace tare

#endif  // TARE_BENCH_WATCH_CONDITIONS_H_
