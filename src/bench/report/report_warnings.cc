#include "bench/report/report_warnings.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/count_text.h"
#include "base/units.h"
#include "bench/report/cells.h"
#include "bench/report/compare.h"
#include "bench/stats/stats.h"

namespace tare {
namespace {

constexpr double kLoadPerCpu = 0.2;
constexpr double kOthersShare = 0.05;     // share of all CPUs' time
constexpr double kReadDifference = 0.15;  // between before and after a run

// Observations over a row's measured runs.
struct RowConditions {
  size_t good_runs = 0;
  size_t disturbed_runs = 0;
  double most_disturbed = 0;
  size_t unsteady_runs = 0;  // memory read speed changed during the run
  double most_unsteady = 0;
  uint64_t swapped_pages = 0;
  uint64_t throttle_events = 0;
  size_t throttled_runs = 0;  // by a CPU quota
  uint64_t throttled_periods = 0;
  uint64_t throttled_ns = 0;
  std::set<std::map<std::string, std::string>> versions;
};

std::map<std::string, RowConditions> ConditionsByRow(const Document& document, size_t scenario) {
  std::map<std::string, RowConditions> rows;
  for (const RunRecord& run : document.runs) {
    if (run.scenario != scenario || run.warmup || !run.outcome.result) continue;
    RowConditions& row = rows[run.row];
    ++row.good_runs;
    const double others = run.conditions.others_cpu_share.value_or(0);
    if (others > kOthersShare) ++row.disturbed_runs;
    row.most_disturbed = std::max(row.most_disturbed, others);
    const double difference = run.conditions.ReadDifference();
    if (difference > kReadDifference) ++row.unsteady_runs;
    row.most_unsteady = std::max(row.most_unsteady, difference);
    row.swapped_pages += run.conditions.swapped_pages.value_or(0);
    row.throttle_events += run.conditions.throttle_events.value_or(0);
    const uint64_t periods = run.conditions.quota_throttled_periods.value_or(0);
    if (periods > 0) ++row.throttled_runs;
    row.throttled_periods += periods;
    row.throttled_ns += run.conditions.quota_throttled_ns.value_or(0);
    if (run.outcome.hello) row.versions.insert(run.outcome.hello->versions);
  }
  return rows;
}

// Groups rows with the same warning in one line.
class WarningsByRow {
 public:
  void Add(const std::string& row, const std::string& warning) {
    const auto [entry, is_new] = rows_.try_emplace(warning);
    entry->second += (is_new ? "" : ", ") + BackendTitle(row);
    if (is_new) order_.push_back(warning);
  }
  std::vector<std::string> Lines() const {
    std::vector<std::string> lines;
    for (const std::string& warning : order_) lines.push_back(rows_.at(warning) + ": " + warning);
    return lines;
  }

 private:
  std::map<std::string, std::string> rows_;  // by warning
  std::vector<std::string> order_;
};

std::string TooFew(size_t runs) {
  if (runs < kFewestForInterval) {
    return fmt::format("{}; a 95 % interval needs at least {}", CountText(runs, "run"),
                       kFewestForInterval);
  }
  return fmt::format("{}; a verdict of tare compare needs at least {}", CountText(runs, "run"),
                     kFewestForVerdict);
}

}  // namespace

std::vector<std::string> SessionWarnings(const Session& session) {
  std::vector<std::string> warnings;
  const MachineFacts& machine = session.machine;
  if (machine.load_average > kLoadPerCpu * static_cast<double>(machine.logical_cpus)) {
    warnings.push_back(fmt::format("the machine was busy before the first run: load average {:.2f}",
                                   machine.load_average));
  }
  if (machine.swap_used_bytes > 0) {
    warnings.push_back(fmt::format("{:.0f} MiB of swap was in use before the first run",
                                   static_cast<double>(machine.swap_used_bytes) / kMib));
  }
  if (!machine.governor.empty() && machine.governor != "performance") {
    warnings.push_back(fmt::format("the CPU governor is {}, not performance, so the clock may vary",
                                   machine.governor));
  }
  return warnings;
}

std::vector<std::string> ScenarioWarnings(const Document& document, size_t scenario) {
  WarningsByRow warnings;
  for (const auto& [name, row] : ConditionsByRow(document, scenario)) {
    if (row.good_runs < kFewestForVerdict) warnings.Add(name, TooFew(row.good_runs));
    if (row.disturbed_runs > 0) {
      warnings.Add(
          name, fmt::format("other programs used more than {:.0f} % of the CPUs during {} of "
                            "{} (at most {:.0f} %)",
                            kOthersShare * 100, row.disturbed_runs, CountText(row.good_runs, "run"),
                            row.most_disturbed * 100));
    }
    if (row.unsteady_runs > 0) {
      warnings.Add(name,
                   fmt::format("memory bandwidth before and after the run differed by more than "
                               "{:.0f} % in {} of {} (at most {:.0f} %), so % of memory "
                               "bandwidth is rough",
                               kReadDifference * 100, row.unsteady_runs,
                               CountText(row.good_runs, "run"), row.most_unsteady * 100));
    }
    if (row.swapped_pages > 0) {
      warnings.Add(
          name, fmt::format("{} {} swapped during the runs", CountText(row.swapped_pages, "page"),
                            row.swapped_pages == 1 ? "was" : "were"));
    }
    if (row.throttle_events > 0) {
      warnings.Add(name, fmt::format("the CPU was throttled for heat {} during the runs",
                                     CountText(row.throttle_events, "time")));
    }
    if (row.throttled_runs > 0) {
      warnings.Add(
          name, fmt::format("a CPU quota stopped its threads in {} of {}, for {} periods and "
                            "{:.1f} s of CPU time in all; use fewer threads (-t)",
                            row.throttled_runs, CountText(row.good_runs, "run"),
                            row.throttled_periods, static_cast<double>(row.throttled_ns) * 1e-9));
    }
    if (row.versions.size() > 1) warnings.Add(name, "its runs used different versions");
  }
  return warnings.Lines();
}

}  // namespace tare
