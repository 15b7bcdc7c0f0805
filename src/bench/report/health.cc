#include "bench/report/health.h"

#include <fmt/format.h>

#include "base/units.h"

namespace tare {
namespace {}  // namespace

std::string_view MemoryClass(double peak_rss_bytes) {
  if (peak_rss_bytes < 1 * kGib) return "good";
  if (peak_rss_bytes < 3 * kGib) return "acceptable";
  if (peak_rss_bytes < 5 * kGib) return "high";
  return "critical";
}

std::string_view SpeedClass(double tokens_per_second) {
  if (tokens_per_second < 1) return "low";
  if (tokens_per_second < 2) return "moderate";
  if (tokens_per_second < 3) return "good";
  return "excellent";
}

std::vector<std::string> HealthLines(double growth_bytes, double peak_rss_bytes,
                                     double peak_swap_bytes) {
  const double growth = growth_bytes / kMib;
  const double swap = peak_swap_bytes / kMib;
  const double together = peak_rss_bytes / kMib + swap;
  std::vector<std::string> lines;
  if (growth > 2000) {
    lines.push_back(fmt::format("critical: growth of {:.0f} MiB", growth));
  } else if (growth > 1000) {
    lines.push_back(fmt::format("warning: growth of {:.0f} MiB", growth));
  } else {
    lines.push_back(fmt::format("good: growth of {:.0f} MiB", growth));
  }
  if (swap > 1000) {
    lines.push_back(fmt::format("warning: peak swap of {:.0f} MiB", swap));
  } else if (swap > 100) {
    lines.push_back(fmt::format("info: peak swap of {:.0f} MiB", swap));
  } else {
    lines.push_back(fmt::format("good: peak swap of {:.0f} MiB", swap));
  }
  if (together > 4000) {
    lines.push_back(fmt::format("alert: peak and swap together {:.0f} MiB", together));
  }
  return lines;
}

}  // namespace tare
