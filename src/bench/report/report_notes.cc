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
#include "bench/results/study_words.h"

namespace tare {
namespace {

// The last line of a worker's output, where most programs report what went wrong.
std::string LastLine(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  const size_t newline = text.rfind('\n');
  if (newline != std::string_view::npos) text.remove_prefix(newline + 1);
  return std::string(text.substr(0, 300));
}

// Notes for rows with device memory: whose memory the figures count, and what could not be read.
std::vector<std::string> DeviceNotes(const Document& document, size_t scenario) {
  std::map<std::string, std::string> notes;  // by row
  for (const RunRecord& run : document.runs) {
    const std::optional<DeviceMemory>& device = run.outcome.memory.device;
    if (run.scenario != scenario || !run.outcome.result || !device) continue;
    notes[run.row] = fmt::format(
        "{}: GPU memory is {}; at most {:.0f} ms between two readings{}{}", BackendTitle(run.row),
        device->of_processes ? "that of its processes, as NVML reports it"
                             : "what the GPUs held more than before it started, since NVML does "
                               "not report its processes",
        static_cast<double>(device->longest_gap_ns) * 1e-6, device->error.empty() ? "" : "; ",
        device->error);
  }
  std::vector<std::string> list;
  for (auto& [row, note] : notes) list.push_back(std::move(note));
  return list;
}

// Why a row's overhead is not shown.
std::string UnknownOverhead(std::span<const RowSummary> rows) {
  std::vector<std::string> names;
  for (const RowSummary& row : rows) {
    if (!row.tare_bytes) names.push_back(BackendTitle(row.row));
  }
  if (names.empty()) return "";
  return fmt::format(
      "overhead (the peak less the resident part of the weights) is unknown for {}: {} not keep "
      "the "
      "weights in the mapped file",
      fmt::join(names, ", "), names.size() == 1 ? "it does" : "they do");
}

// The processes of a tree share pages, so its peak is known only within two bounds.
std::vector<std::string> TreeNotes(std::span<const RowSummary> rows) {
  std::vector<std::string> notes;
  for (const RowSummary& row : rows) {
    if (row.peak_rss_high_bytes <= row.peak_rss_bytes.median) continue;
    notes.push_back(fmt::format(
        "{} starts other processes, which may share memory: its peak is between {} and {} MiB, and "
        "the tables show the first",
        BackendTitle(row.row), MibText(row.peak_rss_bytes.median),
        MibText(row.peak_rss_high_bytes)));
  }
  return notes;
}

}  // namespace

ReportList HealthList(std::span<const RankedRow> rows, const ScenarioRecord& scenario) {
  ReportList list;
  for (const RankedRow& row : rows) {
    list.items.push_back(
        fmt::format("{}: {}", BackendTitle(row.summary.row),
                    HealthLine(row.summary.growth_bytes.median, row.weights_bytes,
                               CacheBytes(scenario), row.summary.peak_swap_bytes)));
  }
  return list;
}

std::string FailuresHeading(std::span<const RowSummary> rows) {
  const bool all_unsupported = std::ranges::all_of(rows, [](const RowSummary& row) {
    return !row.failed || row.failed->outcome.failure->reason == kUnsupportedReason;
  });
  return all_unsupported ? "Unsupported" : "Failed";
}

ReportList FailureList(std::span<const RowSummary> rows) {
  ReportList list;
  for (const RowSummary& row : rows) {
    if (!row.failed) continue;
    const WorkerOutcome& outcome = row.failed->outcome;
    std::string text =
        fmt::format("{}: {}: {}; stage reached: {}", BackendTitle(row.row),
                    ReasonText(outcome.failure->reason), outcome.failure->message,
                    outcome.stage_reached ? StageTitle(*outcome.stage_reached) : "none");
    if (!outcome.memory.samples.empty()) {
      const MemorySample& last = outcome.memory.samples.back();
      text += fmt::format("; last memory sample {} MiB at {:.2f} s",
                          MibText(static_cast<double>(last.rss_bytes)),
                          static_cast<double>(last.time_ns) * 1e-9);
    }
    if (const std::string line = LastLine(outcome.output_tail); !line.empty()) {
      text += fmt::format("; its last line of output: {}", line);
    }
    if (row.good_runs > 0) {
      text += fmt::format("; {} before that {}", CountText(row.good_runs, "run"),
                          row.good_runs == 1 ? "counts" : "count");
    }
    list.items.push_back(std::move(text));
  }
  return list;
}

ReportList NotesList(const Document& document, size_t scenario, std::span<const RowSummary> rows) {
  ReportList list;
  const ScenarioRecord& scenario_record = document.scenarios[scenario];
  uint64_t worst_gap_ns = 0;
  bool not_reset = false;
  for (const RunRecord& run : document.runs) {
    if (run.scenario != scenario || !run.outcome.result) continue;
    worst_gap_ns = std::max(worst_gap_ns, run.outcome.memory.longest_gap_ns);
    not_reset = not_reset || !run.outcome.memory.high_water_was_reset;
  }
  if (scenario_record.scenario.workload.kind == Workload::Kind::kStudy) {
    list.items.push_back(
        fmt::format("the study workload generates after \"Hello\", then after "
                    "\"Test\", as the script of {} does",
                    kTheStudy));
  }
  list.items.push_back(fmt::format("longest time between two memory samples: {:.0f} ms",
                                   static_cast<double>(worst_gap_ns) * 1e-6));
  for (std::string& note : WatchingNotes(document, scenario)) list.items.push_back(std::move(note));
  for (std::string& note : TreeNotes(rows)) list.items.push_back(std::move(note));
  for (std::string& note : DeviceNotes(document, scenario)) list.items.push_back(std::move(note));
  if (std::string note = UnknownOverhead(rows); !note.empty())
    list.items.push_back(std::move(note));
  if (not_reset) {
    list.items.push_back(
        "high-water marks could not be reset, so \"peak in this stage\" is the peak so far");
  }
  for (const auto& [row, model] : scenario_record.converted) {
    if (!model.error.empty()) continue;
    list.items.push_back(fmt::format(
        "{} read the model converted to {} ({}): {}, weights {} MiB{}", BackendTitle(row),
        model.facts.form, std::filesystem::path(model.path).filename().string(),
        model.facts.precision, MibText(static_cast<double>(model.facts.weights_bytes)),
        model.prompts_as_ids ? "; prompts were given as token ids, since its tokenizer "
                               "adds a first token"
                             : ""));
  }
  for (const RowSummary& row : rows) {
    if (row.share_of_limit && row.share_of_limit->median > 1) {
      list.items.push_back(
          BackendTitle(row.row) +
          ": above 100 % of memory bandwidth: its weights stay in the CPU's cache, "
          "or it reads fewer bytes than the file holds");
    }
  }
  return list;
}

}  // namespace tare
