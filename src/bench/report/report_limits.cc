#include "bench/report/report_limits.h"

#include <algorithm>
#include <map>
#include <optional>

#include "base/count_text.h"
#include "bench/report/cells.h"

namespace tare {
namespace {

std::string SecondsText(uint64_t ns) {
  return fmt::format("{:.2f}", static_cast<double>(ns) * 1e-9);
}

// The deciding probe: the last successful one at the limit found.
const RequiredProbe* Deciding(const RequiredRecord& record) {
  const RequiredProbe* deciding = nullptr;
  for (const RequiredProbe& probe : record.probes) {
    if (record.required_bytes && probe.limit_bytes == record.required_bytes) deciding = &probe;
  }
  return deciding;
}

// What stopped the row at the largest limit that was too small.
ReportCell BelowIt(const RequiredRecord& record) {
  const RequiredProbe* below = nullptr;
  for (const RequiredProbe& probe : record.probes) {
    const bool smaller = probe.limit_bytes && *probe.limit_bytes < record.required_bytes;
    if (!smaller || (below != nullptr && probe.limit_bytes < below->limit_bytes)) continue;
    below = &probe;
  }
  if (below == nullptr) return ReportUnknown{};
  return fmt::format("{} at {} MiB", below->outcome, MibText(*below->limit_bytes));
}

std::vector<ReportCell> RequiredCells(const RequiredRecord& record) {
  const RequiredProbe* deciding = Deciding(record);
  std::vector<ReportCell> cells(9, ReportUnknown{});
  cells[0] = BackendTitle(record.row);
  cells[7] = CountCell(record.probes.size());
  cells[8] = record.error;
  if (deciding == nullptr) return cells;
  uint64_t still_cached_bytes = 0;
  for (const RequiredProbe& probe : record.probes) {
    still_cached_bytes = std::max(still_cached_bytes, probe.still_cached_bytes);
  }
  cells[1] = MibCell(static_cast<double>(*record.required_bytes));
  cells[2] =
      fmt::format("{} / {}", SecondsText(deciding->run_ns), SecondsText(record.unlimited_ns));
  if (deciding->disk_read_bytes) {
    cells[3] = MibCell(static_cast<double>(*deciding->disk_read_bytes));
  }
  cells[4] = MibCell(static_cast<double>(record.file_bytes));
  cells[5] = MibCell(static_cast<double>(still_cached_bytes));
  cells[6] = fmt::format("{}{}", record.files,
                         record.saw_all_files ? "" : " (files opened briefly may be missing)");
  cells[8] = BelowIt(record);
  return cells;
}

// Totals over a row's measured runs.
struct RowWatch {
  uint64_t samples = 0;
  uint64_t watched_ns = 0;
  uint64_t cpu_ns = 0;
  std::optional<uint64_t> cgroup_peak_bytes;  // for process trees
};

std::map<std::string, RowWatch> WatchByRow(const Document& document, size_t scenario) {
  std::map<std::string, RowWatch> rows;
  for (const RunRecord& run : document.runs) {
    if (run.scenario != scenario || run.warmup || !run.outcome.result) continue;
    const MemoryRecord& memory = run.outcome.memory;
    RowWatch& row = rows[run.row];
    row.samples += memory.sample_count;
    row.watched_ns += memory.watched_ns;
    row.cpu_ns += memory.watcher_cpu_ns;
    if (memory.processes_seen > 1 && memory.cgroup_peak_bytes) {
      row.cgroup_peak_bytes =
          std::max(row.cgroup_peak_bytes.value_or(0), *memory.cgroup_peak_bytes);
    }
  }
  return rows;
}

std::optional<std::string> CostNote(const Document& document) {
  const std::optional<WatchCost>& cost = document.session.watch_cost;
  const auto estimate = cost ? EstimateWatchCost(*cost) : std::nullopt;
  if (!estimate) return std::nullopt;
  const std::string pairs = cost->window_ns == 0
                                ? "pairs of runs"
                                : fmt::format("pairs of windows of {:.0f} ms",
                                              static_cast<double>(cost->window_ns) * 1e-6);
  return fmt::format(
      "sampling memory costs {:.2f} % of {}'s decode speed (95 % interval {:.2f} to {:.2f} %, {} "
      "{})",
      estimate->median * 100, document.session.reference_row, estimate->interval.low * 100,
      estimate->interval.high * 100, cost->watched_tokens_per_second.size(), pairs);
}

}  // namespace

std::string ScenarioLimits(const Scenario& scenario) {
  std::string text;
  if (scenario.limit_bytes) text += fmt::format(" · limit {} MiB", MibText(*scenario.limit_bytes));
  if (scenario.cold) text += " · cold page cache";
  return text;
}

ReportTable RequiredTable(const Document& document, size_t scenario) {
  ReportTable table{{"backend",
                     {"required", "MiB"},
                     "s at the limit / unlimited",
                     {"read from disk", "MiB"},
                     {"dropped from cache", "MiB"},
                     {"kept", "MiB"},
                     WideOnly("files"),
                     WideOnly("runs"),
                     "at the next smaller limit"},
                    {}};
  for (const RunRecord& run : document.runs) {
    if (run.scenario != scenario || !run.required || run.outcome.failure) continue;
    table.rows.push_back(RequiredCells(*run.required));
  }
  return table;
}

std::vector<std::string> WatchingNotes(const Document& document, size_t scenario) {
  std::vector<std::string> notes;
  for (const auto& [row, watch] : WatchByRow(document, scenario)) {
    if (watch.watched_ns == 0) continue;
    const double seconds = static_cast<double>(watch.watched_ns) * 1e-9;
    notes.push_back(
        fmt::format("{}: memory was read {:.0f} times a second, which took {:.2f} % of one CPU",
                    BackendTitle(row), static_cast<double>(watch.samples) / seconds,
                    static_cast<double>(watch.cpu_ns) * 1e-7 / seconds));
    if (!watch.cgroup_peak_bytes) continue;
    notes.push_back(fmt::format(
        "{}: its cgroup's own peak is {} MiB, which counts shared memory once and includes page "
        "cache that it caused, but not files that were cached before",
        BackendTitle(row), MibText(*watch.cgroup_peak_bytes)));
  }
  if (const auto note = CostNote(document)) notes.push_back(*note);
  if (!document.scenarios[scenario].scenario.cold) return notes;
  uint64_t left = 0;
  for (const RunRecord& run : document.runs) {
    if (run.scenario != scenario) continue;
    uint64_t cached = 0;
    for (const CachedFile& file : run.page_cache_files) cached += file.cached_bytes.value_or(0);
    left = std::max(left, cached);
  }
  notes.push_back(fmt::format(
      "cold page cache: at most {} MiB of the model was still cached when a run started",
      MibText(left)));
  return notes;
}

}  // namespace tare
