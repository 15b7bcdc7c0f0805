// The report of `tare bench`: what stands in it, and in which order.

#include "bench/report/report.h"

#include <algorithm>
#include <filesystem>

#include "base/count_text.h"
#include "base/units.h"
#include "bench/report/cells.h"
#include "bench/report/doubts.h"
#include "bench/report/report_limits.h"
#include "bench/report/report_notes.h"
#include "bench/report/report_rankings.h"
#include "bench/report/report_tables.h"
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

// Those with a result, and those that have none for a reason.
Rows WithOutcome(const Rows& rows) {
  Rows shown;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(shown),
               [](const RowSummary& row) { return row.good_runs > 0 || row.failed; });
  return shown;
}

// The model's file; where another was made of it, that of the one it was made of.
std::string NameOf(const ScenarioRecord& record) {
  const bool is_own = record.scenario.precision.empty();
  return std::filesystem::path(is_own ? record.model.path : record.scenario.model)
      .filename()
      .string();
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

// Of the rows that came to a result.
void AddTables(const Rows& all, const Rows& good, const std::string& reference,
               ReportBlocks& blocks) {
  for (const RowSummary& row : good) {
    AddSection(fmt::format("Memory by stage: {}", row.row), StagesTable(row), blocks);
  }
  AddSection("Main memory consumers (share of the growth from stage 0 to 5)", ConsumersTable(good),
             blocks);
  AddSection("Summary", SummaryTable(WithOutcome(all)), blocks);
  AddSection("Speed (median [95 % interval] of n runs; second generation)",
             SpeedTable(good, reference), blocks);
  AddSection("Spread", SpreadTable(good), blocks);
  AddSection("Health", HealthList(good), blocks);
}

void AddScenario(const Document& document, size_t index, const RankingOptions& ranking,
                 ReportBlocks& blocks) {
  const ScenarioRecord& record = document.scenarios[index];
  const Rows all = SummarizeScenario(document, index);
  const Rows good = Good(all);
  blocks.emplace_back(ReportHeading{ScenarioTitle(record)});
  blocks.emplace_back(ReportParagraph{ModelLine(record.model)});
  if (!good.empty()) {
    AddTables(all, good, document.session.reference_row, blocks);
    AddRankings(RowsToRank(document, index, all, ranking), blocks);
    ReportTable required = RequiredTable(document, index);
    if (!required.rows.empty()) AddSection(kRequiredHeading, std::move(required), blocks);
    AddSection("Notes", NotesList(document, index, good), blocks);
  }
  if (std::vector<std::string> doubts = ScenarioDoubts(document, index); !doubts.empty()) {
    AddSection("Doubts", ReportList{std::move(doubts)}, blocks);
  }
  ReportList failures = FailureList(all);
  if (!failures.items.empty()) AddSection("Failed", std::move(failures), blocks);
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
  blocks.emplace_back(ReportParagraph{"machine: " + MachineLine(session.machine)});
  blocks.emplace_back(ReportParagraph{
      fmt::format("{}tare {}{}{}, {}; {} each after {}, rows {}, every run a fresh process",
                  session.id == 0 ? "" : fmt::format("session {}, ", session.id),
                  session.tare_version, session.commit.empty() ? "" : " ", session.commit,
                  session.started_at, CountText(session.runs, "run"),
                  CountText(session.warmups, "warm-up"), RowOrderInWords(document))});
  if (document.interrupted) {
    blocks.emplace_back(ReportNote{"INTERRUPTED", "these results are partial"});
  }
  std::vector<std::string> doubts = SessionDoubts(session);
  for (std::string& doubt : doubts) {
    blocks.emplace_back(ReportNote{"doubt", std::move(doubt)});
  }
  for (size_t i = 0; i < document.scenarios.size(); ++i) {
    AddScenario(document, i, ranking, blocks);
  }
  return report;
}

}  // namespace tare
