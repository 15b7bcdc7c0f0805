// The report of `tare bench`: each scenario's answer, then the details behind it.

#include "bench/report/report.h"

#include <algorithm>
#include <filesystem>

#include "base/count_text.h"
#include "base/units.h"
#include "bench/report/cells.h"
#include "bench/report/report_answer.h"
#include "bench/report/report_limits.h"
#include "bench/report/report_notes.h"
#include "bench/report/report_quality.h"
#include "bench/report/report_rankings.h"
#include "bench/report/report_tables.h"
#include "bench/report/report_warnings.h"
#include "bench/results/row_order.h"
#include "bench/results/summary.h"

namespace tare {
namespace {

std::string Gigabytes(uint64_t bytes) {
  return fmt::format("{:.1f}", static_cast<double>(bytes) * 1e-9);
}

using Rows = std::vector<RowSummary>;

Rows Good(const Rows& rows) {
  Rows good;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(good),
               [](const RowSummary& row) { return row.good_runs > 0; });
  return good;
}

// The name of the requested file or folder.
std::string NameOf(const ScenarioRecord& record) {
  const std::filesystem::path model(record.scenario.model);
  return (model.has_filename() ? model : model.parent_path()).filename().string();
}

std::string ScenarioTitle(const ScenarioRecord& record) {
  const Scenario& scenario = record.scenario;
  return fmt::format("{} · {} · {}{}{}", NameOf(record), WorkloadName(scenario.workload),
                     CountText(scenario.threads, "thread"),
                     scenario.sampler == kSamplers[0] ? "" : " · " + scenario.sampler,
                     scenario.precision.empty() ? "" : " · " + scenario.precision) +
         ScenarioLimits(scenario);
}

std::string ModelLine(const ModelFacts& model) {
  return fmt::format("{}, {:.1f} M parameters, {}; weights {} MiB, {} MiB read per token",
                     model.family, static_cast<double>(model.parameters) * 1e-6, model.precision,
                     MibText(static_cast<double>(model.weights_bytes)),
                     MibText(static_cast<double>(model.bytes_read_per_token)));
}

void AddSection(std::string heading, ReportBlock block, ReportBlocks& blocks) {
  blocks.emplace_back(ReportHeading{std::move(heading), 2});
  blocks.push_back(std::move(block));
}

// Adds the tables of rows with a result.
void AddTables(const Rows& good, ReportBlocks& blocks) {
  AddSection("Speed (medians; the second generation)", SpeedTable(good), blocks);
  AddSection("Whole generations (medians, prompt included)", GenerationsTable(good), blocks);
  for (const RowSummary& row : good) {
    AddSection(fmt::format("Memory by stage: {}", BackendTitle(row.row)), StagesTable(row), blocks);
  }
  AddSection("Main memory consumers (change of RSS; share of the change from start to finish)",
             ConsumersTable(good), blocks);
  AddSection("Spread over the runs", SpreadTable(good), blocks);
}

// A scenario with its rows, as all parts of the report use them.
struct Reported {
  size_t index = 0;
  Rows all;
  std::vector<RankedRow> ranked;  // rows with a result
};

std::vector<Reported> ReportedOf(const Document& document, const RankingOptions& ranking) {
  std::vector<Reported> scenarios;
  for (size_t i = 0; i < document.scenarios.size(); ++i) {
    Rows all = SummarizeScenario(document, i);
    std::vector<RankedRow> ranked = RowsToRank(document, i, all, ranking);
    scenarios.push_back({i, std::move(all), std::move(ranked)});
  }
  return scenarios;
}

void AddAnswer(const Document& document, const Reported& scenario, ReportBlocks& blocks) {
  const std::string& reference = document.session.reference_row;
  blocks.emplace_back(ReportHeading{ScenarioTitle(document.scenarios[scenario.index])});
  blocks.emplace_back(AnswerTable(scenario.all, scenario.ranked, reference));
  blocks.emplace_back(ReportParagraph{AnswerSentence(scenario.all, scenario.ranked, reference)});
}

void AddDetails(const Document& document, const Reported& scenario, ReportBlocks& blocks) {
  const ScenarioRecord& record = document.scenarios[scenario.index];
  const Rows good = Good(scenario.all);
  blocks.emplace_back(ReportHeading{"Details: " + ScenarioTitle(record)});
  blocks.emplace_back(ReportParagraph{ModelLine(record.model)});
  if (!good.empty()) {
    AddRankings(scenario.ranked, blocks);
    Append(QualitySection(scenario.all), blocks);
    AddTables(good, blocks);
    AddSection("Memory against the weights", HealthList(scenario.ranked, record), blocks);
    ReportTable required = RequiredTable(document, scenario.index);
    if (!required.rows.empty()) AddSection(kRequiredHeading, std::move(required), blocks);
    AddSection("Notes", NotesList(document, scenario.index, good), blocks);
  }
  if (std::vector<std::string> warnings = ScenarioWarnings(document, scenario.index);
      !warnings.empty()) {
    AddSection("Warnings", ReportList{std::move(warnings)}, blocks);
  }
  ReportList failures = FailureList(scenario.all);
  if (!failures.items.empty()) {
    AddSection(FailuresHeading(scenario.all), std::move(failures), blocks);
  }
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

ReportDocument BuildReport(const Document& document, const RankingOptions& ranking) {
  ReportDocument report;
  ReportBlocks& blocks = report.blocks;
  const Session& session = document.session;
  const std::vector<Reported> scenarios = ReportedOf(document, ranking);
  if (document.interrupted) {
    blocks.emplace_back(ReportNote{"INTERRUPTED", "these results are partial"});
  }
  for (const Reported& scenario : scenarios) AddAnswer(document, scenario, blocks);
  blocks.emplace_back(ReportHeading{"How it was measured"});
  blocks.emplace_back(ReportParagraph{"machine: " + MachineLine(session.machine)});
  blocks.emplace_back(ReportParagraph{
      fmt::format("{}tare {}{}{}, {}; {} of each backend after {}, {}, every run a fresh process",
                  session.id == 0 ? "" : fmt::format("session {}, ", session.id),
                  session.tare_version, session.commit.empty() ? "" : " ", session.commit,
                  session.started_at, CountText(session.runs, "run"),
                  CountText(session.warmups, "warm-up"), RowOrderInWords(document))});
  for (std::string& warning : SessionWarnings(session)) {
    blocks.emplace_back(ReportNote{"warning", std::move(warning)});
  }
  for (const Reported& scenario : scenarios) AddDetails(document, scenario, blocks);
  return report;
}

}  // namespace tare
