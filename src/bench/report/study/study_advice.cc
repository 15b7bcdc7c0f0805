// Conclusions from the tables: patterns, recommendations, guidelines, warnings.
#include <algorithm>

#include "base/count_text.h"
#include "base/units.h"
#include "bench/report/study/study_sections.h"

namespace tare {
namespace {

constexpr uint64_t kFewestRuns = 5;

double Peak(const RankedRow& row) { return row.summary.peak_rss_bytes.median; }

// "1,371 MiB required", or what is known if that was not measured.
std::string NeedText(const MeasuredNeed& need) {
  const auto mib = [](uint64_t bytes) { return PlainMib(static_cast<double>(bytes)); };
  const std::string session = need.session == 0 ? "" : fmt::format(" (session {})", need.session);
  if (need.required_bytes) {
    return fmt::format("{} MiB required{}", mib(*need.required_bytes), session);
  }
  if (need.too_small_bytes == 0) return "smallest limit not measured";
  return fmt::format("smallest limit not measured, more than {} MiB{}", mib(need.too_small_bytes),
                     session);
}

std::string Figures(const RankedRow& row) {
  return fmt::format("{} ({:.2f} tokens/s, {} MiB peak, {}{}{})", BackendTitle(row.summary.row),
                     RankedSpeed(row.summary).median, PlainMib(Peak(row)), NeedText(row.need),
                     row.note.empty() ? "" : "; ", row.note);
}

void AddChoice(std::string_view use, const std::vector<const RankedRow*>& ranking,
               ReportList& list) {
  if (ranking.size() < 2) return;
  list.items.push_back(
      fmt::format("{}: {}; else {}", use, Figures(*ranking[0]), Figures(*ranking[1])));
}

void AddPattern(const RankedRow& row, double weights, ReportList& list) {
  const RowSummary& s = row.summary;
  std::string text = fmt::format(
      "{}: loading {:+.0f} MiB, first inference {:+.0f}, second {:+.0f}; at the end {} MiB "
      "anonymous memory and {} MiB of files",
      BackendTitle(s.row), Grew(s, Stage::kInitial, Stage::kModelLoaded) / kMib,
      Grew(s, Stage::kBeforeInference, Stage::kFirstInference) / kMib,
      Grew(s, Stage::kFirstInference, Stage::kSecondInference) / kMib,
      PlainMib(s.stages.back().anon_bytes), PlainMib(s.stages.back().file_bytes));
  const double spike = s.peak_rss_bytes.median - s.stages.back().rss_bytes;
  if (spike > 0.1 * weights) {
    text += fmt::format("; {} MiB of its peak is given back by the end", PlainMib(spike));
  }
  list.items.push_back(std::move(text));
}

// Reports a row that added at least twice its weights, which is room for a second copy.
void AddRoom(const RankedRow& row, const ScenarioRecord& scenario, ReportList& list) {
  const double growth = row.summary.growth_bytes.median;
  const Room room = RoomOf(row, scenario);
  if (row.weights_bytes <= 0 || growth < 2 * row.weights_bytes || room.copies == 0) return;
  const std::string beyond =
      room.copies ? fmt::format(
                        "{} MiB beyond one copy and {} MiB of KV cache: room for {} "
                        "more",
                        PlainMib(room.bytes), PlainMib(room.cache_bytes),
                        CountText(*room.copies, "copy", "copies"))
                  : fmt::format("{} MiB beyond one copy, KV cache included", PlainMib(room.bytes));
  list.items.push_back(fmt::format("{} adds {} MiB after start-up, {:.2f} × its weights: {}",
                                   BackendTitle(row.summary.row), PlainMib(growth),
                                   growth / row.weights_bytes, beyond));
}

std::vector<const RankedRow*> OpenVinoRows(const std::vector<const RankedRow*>& ranking) {
  std::vector<const RankedRow*> rows;
  std::ranges::copy_if(ranking, std::back_inserter(rows), [](const RankedRow* row) {
    return row->summary.row.find("openvino") != std::string::npos;
  });
  return rows;
}

}  // namespace

ReportBlocks MemoryPatterns(const StudyContext& context) {
  if (context.rows.empty()) return {};
  ReportList list;
  const double weights = static_cast<double>(context.scenario.model.weights_bytes);
  for (const RankedRow& row : context.rows) AddPattern(row, weights, list);
  return {ReportHeading{"Memory patterns", 2}, std::move(list)};
}

ReportBlocks Recommendations(const StudyContext& context) {
  ReportList list;
  if (std::string alone = NothingToCompare(BySpeed(context.rows)); !alone.empty()) {
    list.items.push_back(std::move(alone));
  }
  AddChoice("high performance", BySpeed(context.rows), list);
  AddChoice("memory-constrained", ByNeed(context.rows), list);
  AddChoice("balanced", ByBalance(context.rows), list);
  AddChoice("with OpenVINO, for memory", OpenVinoRows(ByNeed(context.rows)), list);
  AddChoice("with OpenVINO, for speed", OpenVinoRows(BySpeed(context.rows)), list);
  if (list.items.empty()) return {};
  return {ReportHeading{"Recommendations", 2}, std::move(list)};
}

ReportBlocks Opportunities(const StudyContext& context) {
  ReportList list;
  for (const RankedRow& row : context.rows) AddRoom(row, context.scenario, list);
  uint64_t left = 0;
  for (const EinsumKind& kind : context.scenario.model.einsums)
    left += kind.rewritten ? 0 : kind.count;
  if (left > 0) {
    list.items.push_back(fmt::format("{} of the graph {} not rewritten", CountText(left, "einsum"),
                                     left == 1 ? "is" : "are"));
  }
  if (list.items.empty()) return {};
  return {ReportHeading{"Opportunities", 2}, std::move(list)};
}

ReportBlocks DeploymentGuidelines(const StudyContext& context) {
  if (context.rows.empty()) return {};
  ReportTable table{
      {"budget", "fit, by smallest limit", "fit, by peak (limit not measured)", "fastest of them"},
      {}};
  const auto by_speed = BySpeed(context.rows);
  for (const double gib : {1, 2, 3, 4, 6, 8}) {
    std::string by_limit;
    std::string by_peak;
    std::vector<const RankedRow*> fitting;
    for (const RankedRow* row : by_speed) {
      if (NeededBytes(*row) > gib * kGib) continue;
      std::string& names = row->need.required_bytes ? by_limit : by_peak;
      names += (names.empty() ? "" : ", ") + BackendTitle(row->summary.row);
      fitting.push_back(row);
    }
    const std::string fastest = fitting.empty()       ? "none"
                                : fitting.size() == 1 ? "only one fits"
                                                      : Figures(*fitting.front());
    table.rows.push_back({fmt::format("{:.0f} GiB", gib), by_limit.empty() ? "none" : by_limit,
                          by_peak.empty() ? "none" : by_peak, fastest});
  }
  return {ReportHeading{"Deployment guidelines", 2}, std::move(table)};
}

ReportBlocks StudyWarnings(const StudyContext& context) {
  ReportList list;
  for (const RowSummary& row : context.all) {
    if (!row.failed) continue;
    list.items.push_back(fmt::format("{} failed: {}", BackendTitle(row.row),
                                     ReasonText(row.failed->outcome.failure->reason)));
  }
  for (const RankedRow& row : context.rows) {
    const RowSummary& s = row.summary;
    if (s.tokens.differ()) {
      list.items.push_back(
          fmt::format("{} made other tokens than native: its speed is that of another text",
                      BackendTitle(s.row)));
    }
    if (s.peak_swap_bytes > 0) {
      list.items.push_back(
          fmt::format("{} had {} MiB in swap", BackendTitle(s.row), PlainMib(s.peak_swap_bytes)));
    }
    if (!s.peak_rss_bytes.outlier_rounds.empty()) {
      list.items.push_back(fmt::format(
          "{}: {} among its {} peaks; outliers count like the others", BackendTitle(s.row),
          CountText(s.peak_rss_bytes.outlier_rounds.size(), "outlier"), s.peak_rss_bytes.count));
    }
  }
  if (context.document.session.runs < kFewestRuns) {
    list.items.push_back(
        fmt::format("{} of each backend, fewer than {}, so intervals are wide or missing",
                    CountText(context.document.session.runs, "run"), kFewestRuns));
  }
  if (context.document.interrupted) list.items.push_back("interrupted: results are partial");
  if (list.items.empty()) return {};
  return {ReportHeading{"Warnings", 2}, std::move(list)};
}

}  // namespace tare
