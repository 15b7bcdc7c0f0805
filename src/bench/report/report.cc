// The study's report, table by table, each a function from summaries to blocks.

#include "bench/report/report.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <string_view>

#include "base/count_text.h"
#include "base/units.h"
#include "bench/report/doubts.h"
#include "bench/report/health.h"
#include "bench/report/report_limits.h"
#include "bench/report/report_rankings.h"
#include "bench/report/study_rules.h"
#include "bench/results/row_order.h"
#include "bench/results/summary.h"

namespace tare {
namespace {

std::string ChangeText(double bytes) { return fmt::format("{:+.1f}", bytes / kMib); }
std::string Gigabytes(uint64_t bytes) {
  return fmt::format("{:.1f}", static_cast<double>(bytes) * 1e-9);
}

// "42.0 [41.5, 43.1]" with the 95 % interval; of two, "42.0 (41.5–43.1)" with both; else the
// median.
std::string Show(const Spread& spread, int digits, double scale = 1) {
  const auto text = [&](double value) { return fmt::format("{:.{}f}", value * scale, digits); };
  if (spread.interval) {
    return fmt::format("{} [{}, {}]", text(spread.median), text(spread.interval->low),
                       text(spread.interval->high));
  }
  if (spread.count < 2) return text(spread.median);
  return fmt::format("{} ({}–{})", text(spread.median), text(spread.min), text(spread.max));
}
std::string Show(const std::optional<Spread>& spread, int digits, double scale = 1) {
  return spread ? Show(*spread, digits, scale) : kUnknownCell;
}

std::string WithShare(double bytes, double total) {
  if (total == 0) return ChangeText(bytes);
  return fmt::format("{} ({:.1f}%)", ChangeText(bytes), bytes / total * 100);
}

const StageSummary& At(const RowSummary& row, Stage stage) {
  return row.stages[static_cast<size_t>(stage)];
}
double Grew(const RowSummary& row, Stage from, Stage to) {
  return At(row, to).rss_bytes - At(row, from).rss_bytes;
}

// For one process the peak is a figure; for a tree it is two bounds.
std::string Peak(const RowSummary& row) {
  if (row.peak_rss_high_bytes <= row.peak_rss_bytes.median) {
    return Show(row.peak_rss_bytes, 1, 1 / kMib);
  }
  return fmt::format("{} … {}", MibText(row.peak_rss_bytes.median),
                     MibText(row.peak_rss_high_bytes));
}

using Rows = std::vector<RowSummary>;

Rows Good(const Rows& rows) {
  Rows good;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(good),
               [](const RowSummary& row) { return row.good_runs > 0; });
  return good;
}

// Those with a result, and those that have none for a reason.
Rows Shown(const Rows& rows) {
  Rows shown;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(shown),
               [](const RowSummary& row) { return row.good_runs > 0 || row.failed; });
  return shown;
}

ReportTable StagesTable(const RowSummary& row) {
  ReportTable table{{"stage", "RAM MiB", "change", "swap MiB", "change", "anon", "file", "shmem",
                     "highest since"},
                    {}};
  for (size_t i = 0; i < kStageCount; ++i) {
    const StageSummary& now = row.stages[i];
    const StageSummary& before = row.stages[i == 0 ? 0 : i - 1];
    table.rows.push_back({std::string(StageName(static_cast<Stage>(i))), MibText(now.rss_bytes),
                          i == 0 ? kUnknownCell : ChangeText(now.rss_bytes - before.rss_bytes),
                          MibText(now.swap_bytes),
                          i == 0 ? kUnknownCell : ChangeText(now.swap_bytes - before.swap_bytes),
                          MibText(now.anon_bytes), MibText(now.file_bytes),
                          MibText(now.shmem_bytes), MibText(now.high_water_bytes)});
  }
  table.rows.push_back({"peak recorded", MibText(row.peak_rss_bytes.median),
                        ChangeText(row.growth_bytes.median), MibText(row.peak_swap_bytes),
                        ChangeText(row.peak_swap_bytes - row.stages[0].swap_bytes), "", "", "",
                        ""});
  if (!row.device_peak_bytes) return table;
  table.header.emplace_back("GPU MiB");
  for (size_t i = 0; i < kStageCount; ++i) {
    const std::optional<double>& device = row.stages[i].device_bytes;
    table.rows[i].push_back(device ? MibText(*device) : kUnknownCell);
  }
  table.rows.back().push_back(MibText(row.device_peak_bytes->median));
  return table;
}

ReportTable ConsumersTable(const Rows& rows) {
  ReportTable table{{"row", "model loading MiB", "first inference MiB", "second inference MiB",
                     "total growth MiB"},
                    {}};
  for (const RowSummary& row : rows) {
    const double total = Grew(row, Stage::kInitial, Stage::kFinal);
    table.rows.push_back(
        {row.row, WithShare(Grew(row, Stage::kInitial, Stage::kModelLoaded), total),
         WithShare(Grew(row, Stage::kBeforeInference, Stage::kFirstInference), total),
         WithShare(Grew(row, Stage::kFirstInference, Stage::kSecondInference), total),
         ChangeText(total)});
  }
  return table;
}

// Beside figures of other rows: that this one has none, and why.
std::vector<std::string> NoResult(const RowSummary& row, size_t columns) {
  std::vector<std::string> cells(columns, kUnknownCell);
  cells[0] = row.row;
  cells[1] = "0";
  cells.back() = row.failed->outcome.failure->reason;
  return cells;
}

// Peaks of device memory, where a row was on a GPU.
void AddDeviceColumn(const Rows& rows, ReportTable& table) {
  const auto has_device = [](const RowSummary& row) { return row.device_peak_bytes.has_value(); };
  if (std::ranges::none_of(rows, has_device)) return;
  constexpr size_t kColumn = 4;  // behind what is resident
  table.header.insert(table.header.begin() + kColumn, "peak GPU MiB");
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<std::string>& cells = table.rows[i];
    cells.insert(cells.begin() + kColumn, Show(rows[i].device_peak_bytes, 1, 1 / kMib));
  }
}

ReportTable SummaryTable(const Rows& rows) {
  ReportTable table{{"row", "n", "peak RSS MiB", "over stage 0 MiB", "tare MiB",
                     "untouched weights MiB", "peak swap MiB", "1st s", "2nd s", "speedup",
                     "1st tokens/s", "tokens/s", "study words/s", "class"},
                    {}};
  for (const RowSummary& row : rows) {
    if (row.good_runs == 0) {
      table.rows.push_back(NoResult(row, table.header.size()));
      continue;
    }
    const double second = row.second_seconds.median;
    const double rate = row.whole_tokens_per_second.median;
    table.rows.push_back(
        {row.row, std::to_string(row.good_runs), Peak(row), MibText(row.growth_bytes.median),
         Show(row.tare_bytes, 1, 1 / kMib),
         row.weights_untouched_bytes ? MibText(*row.weights_untouched_bytes) : kUnknownCell,
         MibText(row.peak_swap_bytes), fmt::format("{:.3f}", row.first_seconds.median),
         fmt::format("{:.3f}", second),
         second > 0 ? fmt::format("{:.1f}×", row.first_seconds.median / second) : kUnknownCell,
         fmt::format("{:.2f}", row.first_tokens_per_second.median), fmt::format("{:.2f}", rate),
         row.study_words_per_second ? fmt::format("{:.2f}", row.study_words_per_second->median)
                                    : kUnknownCell,
         fmt::format("{} memory, {} speed", MemoryClass(row.peak_rss_bytes.median),
                     SpeedClass(rate))});
  }
  AddDeviceColumn(rows, table);
  return table;
}

std::string Agreement(const RowSummary& row) {
  if (row.cut_short) {
    return fmt::format("{} of {} in generation {}", row.cut_short->made, row.cut_short->asked,
                       row.cut_short->generation + 1);
  }
  if (row.tokens.sampled) return "sampled";
  if (row.row == kNativeRow && row.tokens.equal) return "reference";
  if (!row.tokens.known) return "no native row";
  if (row.tokens.equal) return fmt::format("equal ({})", row.tokens.compared);
  return fmt::format("differ: generation {}, token {}", row.tokens.generation + 1,
                     row.tokens.position + 1);
}

ReportTable SpeedTable(const Rows& rows) {
  ReportTable table{{"row", "load s", "cold start s", "TTFT 1st ms", "TTFT ms", "prefill tokens/s",
                     "decode tokens/s", "n", "% of limit", "tokens"},
                    {}};
  for (const RowSummary& row : rows) {
    table.rows.push_back({row.row, Show(row.load_seconds, 3), Show(row.cold_start_seconds, 3),
                          Show(row.first_ttft_seconds, 1, 1e3), Show(row.ttft_seconds, 1, 1e3),
                          Show(row.prefill_tokens_per_second, 1),
                          Show(row.decode_tokens_per_second, 1), std::to_string(row.good_runs),
                          Show(row.share_of_limit, 0, 100), Agreement(row)});
  }
  return table;
}

std::string OutlierRounds(const Spread& spread) {
  std::string text;
  for (const size_t round : spread.outlier_rounds) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", round + 1);
  }
  return text.empty() ? kUnknownCell : text;
}

// What the medians of the other tables leave out.
ReportTable SpreadTable(const Rows& rows) {
  ReportTable table{{"row", "figure", "n", "median", "95 % interval", "min", "lower quartile",
                     "upper quartile", "max", "outliers (round)"},
                    {}};
  const auto add = [&](const RowSummary& row, const char* figure,
                       const std::optional<Spread>& spread, double scale) {
    if (!spread) return;
    const auto text = [&](double value) { return fmt::format("{:.1f}", value * scale); };
    // Of one run each of these would be the median again.
    const auto of_several = [&](double value) {
      return spread->count > 1 ? text(value) : kUnknownCell;
    };
    table.rows.push_back(
        {row.row, figure, std::to_string(spread->count), text(spread->median),
         spread->interval
             ? fmt::format("{} to {}", text(spread->interval->low), text(spread->interval->high))
             : kUnknownCell,
         of_several(spread->min), of_several(spread->lower_quartile),
         of_several(spread->upper_quartile), of_several(spread->max), OutlierRounds(*spread)});
  };
  for (const RowSummary& row : rows) {
    add(row, "peak RSS MiB", row.peak_rss_bytes, 1 / kMib);
    add(row, "tare MiB", row.tare_bytes, 1 / kMib);
    add(row, "cold start ms", row.cold_start_seconds, 1e3);
    add(row, "TTFT ms", row.ttft_seconds, 1e3);
    add(row, "prefill tokens/s", row.prefill_tokens_per_second, 1);
    add(row, "decode tokens/s", row.decode_tokens_per_second, 1);
    add(row, "% of limit", row.share_of_limit, 100);
  }
  return table;
}

ReportList HealthList(const Rows& rows) {
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

// The last line of what a worker wrote: where most programs say what went wrong.
std::string LastLine(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.remove_suffix(1);
  const size_t newline = text.rfind('\n');
  if (newline != std::string_view::npos) text.remove_prefix(newline + 1);
  return std::string(text.substr(0, 300));
}

ReportList FailureList(const Rows& rows) {
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
std::string UnknownTare(const Rows& rows) {
  std::vector<std::string_view> names;
  for (const RowSummary& row : rows) {
    if (!row.tare_bytes) names.push_back(row.row);
  }
  if (names.empty()) return "";
  return fmt::format(
      "tare is not known of {}: their first copy of the weights does not stay in the mapped file",
      fmt::join(names, ", "));
}

ReportList NotesList(const Document& document, size_t scenario, const Rows& rows) {
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

// The model's file; where another was made of it, that of the one it was made of.
std::string NameOf(const ScenarioRecord& record) {
  const bool is_own = record.scenario.precision.empty();
  return std::filesystem::path(is_own ? record.model.path : record.scenario.model)
      .filename()
      .string();
}

void AddScenario(const Document& document, size_t index, const RankingOptions& ranking,
                 std::vector<ReportBlock>& blocks) {
  const ScenarioRecord& record = document.scenarios[index];
  const ModelFacts& model = record.model;
  const Rows all = SummarizeScenario(document, index);
  const Rows rows = Good(all);
  const std::vector<StudyRow> compared = StudyRowsOf(document, index, all, ranking);
  blocks.push_back(ReportHeading{
      fmt::format("{} · {} · {}{}{}", NameOf(record), WorkloadName(record.scenario.workload),
                  CountText(record.scenario.threads, "thread"),
                  record.scenario.sampler == kSamplers[0] ? "" : " · " + record.scenario.sampler,
                  record.scenario.precision.empty() ? "" : " · " + record.scenario.precision) +
      ScenarioLimits(record.scenario)});
  blocks.push_back(ReportParagraph{
      fmt::format("{}, {:.1f} M parameters, {}; weights {} MiB, {} MiB read per token",
                  model.family, static_cast<double>(model.parameters) * 1e-6, model.precision,
                  MibText(static_cast<double>(model.weights_bytes)),
                  MibText(static_cast<double>(model.bytes_read_per_token)))});
  if (!rows.empty()) {
    for (const RowSummary& row : rows) {
      blocks.push_back(ReportHeading{fmt::format("Memory by stage: {}", row.row), 2});
      blocks.push_back(StagesTable(row));
    }
    blocks.push_back(
        ReportHeading{"Main memory consumers (share of the growth from stage 0 to 5)", 2});
    blocks.push_back(ConsumersTable(rows));
    blocks.push_back(ReportHeading{"Summary", 2});
    blocks.push_back(SummaryTable(Shown(all)));
    blocks.push_back(
        ReportHeading{"Speed (median [95 % interval] of n runs; second generation)", 2});
    blocks.push_back(SpeedTable(rows));
    blocks.push_back(ReportHeading{"Spread", 2});
    blocks.push_back(SpreadTable(rows));
    blocks.push_back(ReportHeading{"Health", 2});
    blocks.push_back(HealthList(rows));
    AddRankings(compared, blocks);
    ReportTable required = RequiredTable(document, index);
    if (!required.rows.empty()) {
      blocks.push_back(
          ReportHeading{"Required memory (smallest limit, within 1.10 of the time)", 2});
      blocks.push_back(std::move(required));
    }
    blocks.push_back(ReportHeading{"Notes", 2});
    blocks.push_back(NotesList(document, index, rows));
  }
  if (std::vector<std::string> doubts = ScenarioDoubts(document, index); !doubts.empty()) {
    blocks.push_back(ReportHeading{"Doubts", 2});
    blocks.push_back(ReportList{std::move(doubts)});
  }
  const ReportList failures = FailureList(all);
  if (failures.items.empty()) return;
  blocks.push_back(ReportHeading{"Failed", 2});
  blocks.push_back(failures);
}

std::string MachineLine(const MachineFacts& machine) {
  std::string line =
      fmt::format("{}, {} ({} logical), {:.1f} GiB, {}, huge pages {}, swap {:.1f} GiB",
                  machine.cpu_model.empty() ? "unknown CPU" : machine.cpu_model,
                  CountText(machine.physical_cores, "core"), machine.logical_cpus,
                  static_cast<double>(machine.memory_bytes) / kGib, machine.kernel,
                  machine.transparent_hugepages.empty() ? "unknown" : machine.transparent_hugepages,
                  static_cast<double>(machine.swap_bytes) / kGib);
  if (!machine.governor.empty()) line += ", governor " + machine.governor;
  for (const std::string& gpu : machine.gpus) line += "; GPU " + gpu;
  if (machine.read_bytes_per_second > 0) {
    line += fmt::format("; reads {} GB/s", Gigabytes(machine.read_bytes_per_second));
  }
  return line;
}

}  // namespace

std::string MibText(double bytes) { return fmt::format("{:.1f}", bytes / kMib); }

std::vector<ReportBlock> BuildReport(const Document& document, const RankingOptions& ranking) {
  std::vector<ReportBlock> blocks;
  const Session& session = document.session;
  blocks.push_back(ReportParagraph{"machine: " + MachineLine(session.machine)});
  blocks.push_back(ReportParagraph{
      fmt::format("{}tare {}{}{}, {}; {} each after {}, rows {}, every run a fresh process",
                  session.id == 0 ? "" : fmt::format("session {}, ", session.id),
                  session.tare_version, session.commit.empty() ? "" : " ", session.commit,
                  session.started_at, CountText(session.runs, "run"),
                  CountText(session.warmups, "warm-up"), RowOrderInWords(document))});
  if (document.interrupted)
    blocks.push_back(ReportParagraph{"INTERRUPTED: these results are partial"});
  for (const std::string& doubt : SessionDoubts(session)) {
    blocks.push_back(ReportParagraph{"doubt: " + doubt});
  }
  for (size_t i = 0; i < document.scenarios.size(); ++i) {
    AddScenario(document, i, ranking, blocks);
  }
  return blocks;
}

}  // namespace tare
