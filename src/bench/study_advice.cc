// What follows from the tables: patterns, recommendations, guidelines, warnings.
#include <algorithm>
#include <cmath>

#include "bench/study_sections.h"

namespace tare {
namespace {

constexpr double kMib = 1 << 20;
constexpr double kGib = 1 << 30;
constexpr uint64_t kFewestRuns = 5;

double Peak(const StudyRow& row) { return row.summary.peak_rss_bytes.median; }

std::string Figures(const StudyRow& row) {
  const std::string required =
      row.required_bytes
          ? fmt::format(", {} MiB required", PlainMib(static_cast<double>(*row.required_bytes)))
          : "";
  return fmt::format("{} ({:.2f} tokens/s, {} MiB peak{})", row.summary.row,
                     RankedSpeed(row.summary).median, PlainMib(Peak(row)), required);
}

void AddChoice(std::string_view use, const std::vector<const StudyRow*>& ranking,
               std::string_view rule, ReportList& list) {
  if (ranking.empty()) return;
  std::string text = fmt::format("{}: {}", use, Figures(*ranking[0]));
  if (ranking.size() > 1) text += fmt::format("; else {}", Figures(*ranking[1]));
  list.items.push_back(fmt::format("{} ({})", text, rule));
}

void AddPattern(const StudyRow& row, double weights, ReportList& list) {
  const RowSummary& s = row.summary;
  std::string text = fmt::format(
      "{}: loading {:+.0f} MiB, first inference {:+.0f}, second {:+.0f}; at the end {} MiB "
      "anonymous and {} of files",
      s.row, Grew(s, Stage::kInitial, Stage::kModelLoaded) / kMib,
      Grew(s, Stage::kBeforeInference, Stage::kFirstInference) / kMib,
      Grew(s, Stage::kFirstInference, Stage::kSecondInference) / kMib,
      PlainMib(s.stages.back().anon_bytes), PlainMib(s.stages.back().file_bytes));
  const double spike = s.peak_rss_bytes.median - s.stages.back().rss_bytes;
  if (spike > 0.1 * weights) {
    text += fmt::format("; {} MiB of its peak are given back by the end", PlainMib(spike));
  }
  list.items.push_back(std::move(text));
}

std::vector<const StudyRow*> OpenVinoRows(const std::vector<const StudyRow*>& ranking) {
  std::vector<const StudyRow*> rows;
  std::ranges::copy_if(ranking, std::back_inserter(rows), [](const StudyRow* row) {
    return row->summary.row.find("openvino") != std::string::npos;
  });
  return rows;
}

}  // namespace

ReportBlocks MemoryPatterns(const StudyContext& context) {
  if (context.rows.empty()) return {};
  ReportList list;
  const double weights = static_cast<double>(context.scenario.model.weights_bytes);
  for (const StudyRow& row : context.rows) AddPattern(row, weights, list);
  return {ReportHeading{"Memory patterns", 2}, std::move(list)};
}

ReportBlocks Recommendations(const StudyContext& context) {
  ReportList list;
  AddChoice("high performance", BySpeed(context.rows), "R1", list);
  AddChoice("memory-constrained", ByNeed(context.rows), "R8", list);
  AddChoice("balanced", ByBalance(context.rows), "R5", list);
  AddChoice("with OpenVINO, for memory", OpenVinoRows(ByNeed(context.rows)), "R8", list);
  AddChoice("with OpenVINO, for speed", OpenVinoRows(BySpeed(context.rows)), "R1", list);
  if (list.items.empty()) return {};
  return {ReportHeading{"Recommendations", 2}, std::move(list)};
}

ReportBlocks Opportunities(const StudyContext& context) {
  ReportList list;
  const double weights = static_cast<double>(context.scenario.model.weights_bytes);
  for (const StudyRow& row : context.rows) {
    const double growth = row.summary.growth_bytes.median;
    const double copies = std::floor(growth / weights);
    if (copies < 2) continue;
    list.items.push_back(fmt::format(
        "{} grows by {} MiB, {:.2f} × the weights: room for {:.0f} cop{} beyond the first (R7)",
        row.summary.row, PlainMib(growth), growth / weights, copies - 1,
        copies == 2 ? "y" : "ies"));
  }
  uint64_t left = 0;
  for (const EinsumKind& kind : context.scenario.model.einsums)
    left += kind.rewritten ? 0 : kind.count;
  if (left > 0) {
    list.items.push_back(fmt::format("{} einsums of the graph are not rewritten", left));
  }
  if (list.items.empty()) return {};
  return {ReportHeading{"Opportunities", 2}, std::move(list)};
}

ReportBlocks DeploymentGuidelines(const StudyContext& context) {
  if (context.rows.empty()) return {};
  ReportTable table{{"budget", "rows that fit", "fastest of them"}, {}};
  const auto by_speed = BySpeed(context.rows);
  for (const double gib : {1, 2, 3, 4, 6, 8}) {
    std::string fitting;
    const StudyRow* fastest = nullptr;
    for (const StudyRow* row : by_speed) {
      if (NeededBytes(*row) > gib * kGib) continue;
      fitting += (fitting.empty() ? "" : ", ") + row->summary.row;
      if (fastest == nullptr) fastest = row;
    }
    table.rows.push_back({fmt::format("{:.0f} GiB", gib), fitting.empty() ? "none" : fitting,
                          fastest == nullptr ? "none" : Figures(*fastest)});
  }
  return {ReportHeading{"Deployment guidelines (R8)", 2}, std::move(table)};
}

ReportBlocks StudyWarnings(const StudyContext& context) {
  ReportList list;
  for (const RowSummary& row : context.all) {
    if (!row.failed) continue;
    list.items.push_back(
        fmt::format("{} failed: {}", row.row, row.failed->outcome.failure->reason));
  }
  for (const StudyRow& row : context.rows) {
    const RowSummary& s = row.summary;
    if (s.tokens.known && !s.tokens.sampled && !s.tokens.equal) {
      list.items.push_back(fmt::format(
          "{} made other tokens than native: its speed is that of another text", s.row));
    }
    if (s.peak_swap_bytes > 0) {
      list.items.push_back(
          fmt::format("{} had {} MiB in swap", s.row, PlainMib(s.peak_swap_bytes)));
    }
    if (!s.peak_rss_bytes.outlier_rounds.empty()) {
      list.items.push_back(fmt::format("{}: {} of {} peaks are outliers; they count", s.row,
                                       s.peak_rss_bytes.outlier_rounds.size(),
                                       s.peak_rss_bytes.count));
    }
  }
  if (context.document.session.runs < kFewestRuns) {
    list.items.push_back(
        fmt::format("{} runs a row: fewer than {}, so intervals are wide or missing",
                    context.document.session.runs, kFewestRuns));
  }
  if (context.document.interrupted) list.items.push_back("interrupted: results are partial");
  if (list.items.empty()) return {};
  return {ReportHeading{"Warnings", 2}, std::move(list)};
}

}  // namespace tare
