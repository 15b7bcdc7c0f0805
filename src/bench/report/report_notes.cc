#include "bench/report/report_notes.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>

#include "base/count_text.h"
#include "bench/report/cells.h"
#include "bench/report/health.h"
#include "bench/report/report_limits.h"

namespace tare {
namespace {

// The last line of what a worker wrote: where most programs say what went wrong.
std::string LastLine(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  const size_t newline = text.rfind('\n');
  if (newline != std::string_view::npos) text.remove_prefix(newline + 1);
  return std::string(text.substr(0, 300));
}

// Whose device memory the figures are, of each row that has some, and what could not be read.
std::vector<std::string> DeviceNotes(const Document& document, size_t scenario) {
  std::map<std::string, std::string> notes;  // by row
  for (const RunRecord& run : document.runs) {
    const std::optional<DeviceMemory>& device = run.outcome.memory.device;
    if (run.scenario != scenario || !run.outcome.result || !device) continue;
    notes[run.row] = fmt::format(
        "{}: GPU memory is {}; at most {:.0f} ms between two readings{}{}", run.row,
        device->of_processes ? "that of its processes, as NVML tells"
                             : "what the GPUs held above what they held before it, since NVML "
                               "does not tell of its processes",
        static_cast<double>(device->longest_gap_ns) * 1e-6, device->error.empty() ? "" : "; ",
        device->error);
  }
  std::vector<std::string> list;
  for (auto& [row, note] : notes) list.push_back(std::move(note));
  return list;
}

// Why a row's tare is not shown.
std::string UnknownTare(std::span<const RowSummary> rows) {
  std::vector<std::string_view> names;
  for (const RowSummary& row : rows) {
    if (!row.tare_bytes) names.push_back(row.row);
  }
  if (names.empty()) return "";
  return fmt::format(
      "tare is not known of {}: their first copy of the weights does not stay in the mapped file",
      fmt::join(names, ", "));
}

}  // namespace

ReportList HealthList(std::span<const RowSummary> rows) {
  ReportList list;
  for (const RowSummary& row : rows) {
    std::string text = row.row + ": ";
    const auto lines =
        HealthLines(row.growth_bytes.median, row.peak_rss_bytes.median, row.peak_swap_bytes);
    for (size_t i = 0; i < lines.size(); ++i) text += (i == 0 ? "" : "; ") + lines[i];
    list.items.push_back(std::move(text));
  }
  return list;
}

ReportList FailureList(std::span<const RowSummary> rows) {
  ReportList list;
  for (const RowSummary& row : rows) {
    if (!row.failed) continue;
    const WorkerOutcome& outcome = row.failed->outcome;
    std::string text = fmt::format(
        "{}: {}: {}; stage reached: {}", row.row, outcome.failure->reason, outcome.failure->message,
        outcome.stage_reached ? StageName(*outcome.stage_reached) : "none");
    if (!outcome.memory.samples.empty()) {
      const MemorySample& last = outcome.memory.samples.back();
      text += fmt::format("; last sample {} MiB at {:.2f} s",
                          MibText(static_cast<double>(last.rss_bytes)),
                          static_cast<double>(last.time_ns) * 1e-9);
    }
    if (const std::string line = LastLine(outcome.output_tail); !line.empty()) {
      text += fmt::format("; it wrote: {}", line);
    }
    if (row.good_runs > 0) {
      text += fmt::format("; {} before it {}", CountText(row.good_runs, "run"),
                          row.good_runs == 1 ? "counts" : "count");
    }
    list.items.push_back(std::move(text));
  }
  return list;
}

ReportList NotesList(const Document& document, size_t scenario, std::span<const RowSummary> rows) {
  ReportList list;
  uint64_t worst_gap_ns = 0;
  bool tree = false;
  bool not_reset = false;
  for (const RunRecord& run : document.runs) {
    if (run.scenario != scenario || !run.outcome.result) continue;
    worst_gap_ns = std::max(worst_gap_ns, run.outcome.memory.longest_gap_ns);
    tree = tree || run.outcome.memory.processes_seen > 1;
    not_reset = not_reset || !run.outcome.memory.high_water_was_reset;
  }
  list.items.push_back(fmt::format("longest time between two memory samples: {:.0f} ms",
                                   static_cast<double>(worst_gap_ns) * 1e-6));
  for (std::string& note : WatchingNotes(document, scenario)) list.items.push_back(std::move(note));
  if (tree) list.items.push_back("peaks written a … b are bounds: a row started other processes");
  for (std::string& note : DeviceNotes(document, scenario)) list.items.push_back(std::move(note));
  if (std::string note = UnknownTare(rows); !note.empty()) list.items.push_back(std::move(note));
  if (not_reset) {
    list.items.push_back(
        "high-water marks could not be reset: \"highest since\" is since the start");
  }
  for (const auto& [row, model] : document.scenarios[scenario].converted) {
    if (!model.error.empty()) continue;
    list.items.push_back(
        fmt::format("{} read the model converted to {} ({}): {}, weights {} MiB{}", row,
                    model.facts.form, std::filesystem::path(model.path).filename().string(),
                    model.facts.precision, MibText(static_cast<double>(model.facts.weights_bytes)),
                    model.prompts_as_ids ? "; it was given ids, since its tokenizer begins prompts "
                                           "with a token of its own"
                                         : ""));
  }
  for (const RowSummary& row : rows) {
    if (row.share_of_limit && row.share_of_limit->median > 1) {
      list.items.push_back(row.row +
                           ": above 100 % of limit: its weights stay in a cache, or it "
                           "reads fewer bytes than the file holds");
    }
  }
  return list;
}

}  // namespace tare
