#include "bench/report/health.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "bench/report/cells.h"

namespace tare {
namespace {

constexpr double kWarnAbove = 1.5;          // × weights and cache: allows half a copy more
constexpr double kWarnBeyond = 100 * kMib;  // ignores a runtime's own few MiB

}  // namespace

double CacheBytes(const ScenarioRecord& scenario) {
  uint64_t longest = 0;
  for (const GenerationRequest& request : scenario.asked.generations) {
    longest = std::max(longest, request.prompt.ids.size() + request.new_tokens);
  }
  return static_cast<double>(scenario.model.cache_bytes_per_token * longest);
}

std::string HealthLine(double growth_bytes, double weights_bytes, double cache_bytes,
                       double peak_swap_bytes) {
  const double needed = weights_bytes + cache_bytes;
  const bool warn = growth_bytes > kWarnAbove * needed && growth_bytes - needed > kWarnBeyond;
  std::string line =
      fmt::format("{}: added {} MiB after start-up", warn ? "warn" : "ok", MibText(growth_bytes));
  if (needed > 0) {
    line += fmt::format(", {:.2f} × the weights{}", growth_bytes / needed,
                        cache_bytes > 0 ? " and the KV cache" : "");
  }
  if (peak_swap_bytes > 0) {
    line +=
        fmt::format("; warn: {} MiB was in swap, so the peak is too low", MibText(peak_swap_bytes));
  }
  return line;
}

}  // namespace tare
