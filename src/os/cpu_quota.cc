#include "os/cpu_quota.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "os/cgroup_hierarchy.h"
#include "os/small_file.h"

namespace tare {
namespace {

// The number that `text` begins with; nullopt for "max", for -1 and for no number.
std::optional<uint64_t> LeadingNumber(std::string_view text) {
  uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() ? std::optional<uint64_t>(value) : std::nullopt;
}

std::optional<uint64_t> NumberIn(const std::string& path) {
  const Result<std::string> text = ReadSmallFile(path);
  return text.ok() ? LeadingNumber(*text) : std::nullopt;
}

struct Quota {
  std::optional<uint64_t> time;  // none: no limit
  std::optional<uint64_t> period;
};

// Version 2 has both in one file: "50000 100000", or "max 100000".
Quota QuotaOf(int version, const std::string& folder) {
  if (version == 1) {
    return {NumberIn(folder + "/cpu.cfs_quota_us"), NumberIn(folder + "/cpu.cfs_period_us")};
  }
  const Result<std::string> text = ReadSmallFile(folder + "/cpu.max");
  const size_t space = text.ok() ? text->find(' ') : std::string::npos;
  if (space == std::string::npos) return {};
  return {LeadingNumber(*text), LeadingNumber(std::string_view(*text).substr(space + 1))};
}

// The number of the line "NAME NUMBER".
std::optional<uint64_t> Field(std::string_view text, std::string_view name) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.size() > name.size() && line.starts_with(name) && line[name.size()] == ' ') {
      return LeadingNumber(line.substr(name.size() + 1));
    }
    text.remove_prefix(std::min(text.size(), line.size() + 1));
  }
  return std::nullopt;
}

}  // namespace

std::optional<size_t> CpuQuotaInCpus(const std::string& root) {
  const Result<CgroupHierarchy> hierarchy = ReadCgroupHierarchy("cpu", root);
  if (!hierarchy.ok()) return std::nullopt;
  std::optional<size_t> least;
  for (const std::string& folder : FoldersAbove(*hierarchy)) {
    const Quota quota = QuotaOf(hierarchy->version, folder);
    if (!quota.time || quota.period.value_or(0) == 0) continue;
    const size_t cpus = std::max<size_t>(1, *quota.time / *quota.period);
    least = std::min(least.value_or(cpus), cpus);
  }
  return least;
}

std::optional<CpuThrottling> ReadCpuThrottling(const std::string& root) {
  const Result<CgroupHierarchy> hierarchy = ReadCgroupHierarchy("cpu", root);
  if (!hierarchy.ok()) return std::nullopt;
  std::optional<CpuThrottling> sum;
  for (const std::string& folder : FoldersAbove(*hierarchy)) {
    const Result<std::string> text = ReadSmallFile(folder + "/cpu.stat");
    const auto periods = text.ok() ? Field(*text, "nr_throttled") : std::nullopt;
    if (!periods) continue;
    const uint64_t ns = hierarchy->version == 1 ? Field(*text, "throttled_time").value_or(0)
                                                : Field(*text, "throttled_usec").value_or(0) * 1000;
    sum = CpuThrottling{sum ? sum->periods + *periods : *periods, sum ? sum->ns + ns : ns};
  }
  return sum;
}

}  // namespace tare
