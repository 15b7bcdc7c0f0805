#include "bench/watch/conditions.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <sstream>

#include "bench/watch/proc_sampler.h"
#include "os/clock.h"
#include "os/proc_files.h"

namespace tare {
namespace {

uint64_t CpuNs(int who) {
  rusage usage = {};
  getrusage(who, &usage);
  const auto ns = [](const timeval& time) {
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 +
           static_cast<uint64_t>(time.tv_usec) * 1'000;
  };
  return ns(usage.ru_utime) + ns(usage.ru_stime);
}

std::optional<uint64_t> SwappedPages() {
  const Result<std::string> text = ReadSmallFile("/proc/vmstat");
  if (!text.ok()) return std::nullopt;
  uint64_t pages = 0;
  for (const std::string_view name : {"\npswpin ", "\npswpout "}) {
    const size_t at = text->find(name);
    if (at == std::string::npos) return std::nullopt;
    pages += std::strtoull(text->c_str() + at + name.size(), nullptr, 10);
  }
  return pages;
}

std::optional<uint64_t> ThrottleEvents() {
  std::optional<uint64_t> events;
  for (uint64_t cpu = 0; cpu < OnlineCpus(); ++cpu) {
    const Result<std::string> text = ReadSmallFile(
        fmt::format("/sys/devices/system/cpu/cpu{}/thermal_throttle/core_throttle_count", cpu));
    if (text.ok()) events = events.value_or(0) + std::strtoull(text->c_str(), nullptr, 10);
  }
  return events;
}

// The increase of a counter; nullopt if one reading lacks it.
std::optional<uint64_t> Rise(std::optional<uint64_t> before, std::optional<uint64_t> after) {
  if (!before || !after) return std::nullopt;
  return *after - std::min(*before, *after);
}

}  // namespace

uint64_t OnlineCpus() { return static_cast<uint64_t>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN))); }
uint64_t TicksPerSecond() { return static_cast<uint64_t>(std::max(1L, sysconf(_SC_CLK_TCK))); }

std::optional<uint64_t> ParseBusyTicks(const std::string& stat) {
  std::istringstream fields(stat);
  std::string name;
  fields >> name;
  // user nice system idle iowait irq softirq steal
  std::array<uint64_t, 8> ticks = {};
  for (uint64_t& tick : ticks) fields >> tick;
  if (name != "cpu" || !fields) return std::nullopt;
  return ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6] + ticks[7];
}

ConditionCounters ReadConditionCounters() {
  ConditionCounters counters;
  counters.wall_ns = MonotonicNs();
  const Result<std::string> stat = ReadSmallFile("/proc/stat");
  if (stat.ok()) counters.busy_ticks = ParseBusyTicks(*stat);
  counters.own_ns = CpuNs(RUSAGE_SELF) + CpuNs(RUSAGE_CHILDREN);
  counters.swapped_pages = SwappedPages();
  counters.throttle_events = ThrottleEvents();
  counters.quota = ReadCpuThrottling();
  return counters;
}

RunConditions ConditionsBetween(const ConditionCounters& before, const ConditionCounters& after,
                                uint64_t ticks_per_second, uint64_t cpus) {
  RunConditions conditions;
  conditions.wall_ns = after.wall_ns - before.wall_ns;
  conditions.swapped_pages = Rise(before.swapped_pages, after.swapped_pages);
  conditions.throttle_events = Rise(before.throttle_events, after.throttle_events);
  if (before.quota && after.quota) {
    conditions.quota_throttled_periods = Rise(before.quota->periods, after.quota->periods);
    conditions.quota_throttled_ns = Rise(before.quota->ns, after.quota->ns);
  }
  const std::optional<uint64_t> busy = Rise(before.busy_ticks, after.busy_ticks);
  if (busy && conditions.wall_ns > 0) {
    const double busy_ns = static_cast<double>(*busy) * 1e9 / static_cast<double>(ticks_per_second);
    const double others_ns = busy_ns - static_cast<double>(after.own_ns - before.own_ns);
    const double all_ns = static_cast<double>(conditions.wall_ns) * static_cast<double>(cpus);
    conditions.others_cpu_share = std::clamp(others_ns / all_ns, 0.0, 1.0);
  }
  return conditions;
}

std::optional<double> RunConditions::ReadBytesPerSecond() const {
  if (!read_before_bytes_per_second || !read_after_bytes_per_second) return std::nullopt;
  return (static_cast<double>(*read_before_bytes_per_second) +
          static_cast<double>(*read_after_bytes_per_second)) /
         2;
}

double RunConditions::ReadDifference() const {
  if (!read_before_bytes_per_second || !read_after_bytes_per_second) return 0;
  const auto [low, high] = std::minmax(*read_before_bytes_per_second, *read_after_bytes_per_second);
  return high == 0 ? 0 : 1 - static_cast<double>(low) / static_cast<double>(high);
}

}  // namespace tare
