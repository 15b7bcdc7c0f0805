// The study's tables.
#include <algorithm>
#include <functional>

#include "base/units.h"
#include "bench/report/report_limits.h"
#include "bench/report/study/study_sections.h"

namespace tare {
namespace {

using Cells = std::vector<ReportCell>;

ReportFigure Share(double bytes, double total) {
  ReportFigure number = PlainMibCell(bytes);
  if (total != 0) number.share = bytes / total;
  return number;
}

std::string Stars(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "★";
  return text;
}

Cells CellsOf(const RankedRow& row, double weights, bool gpu) {
  const RowSummary& s = row.summary;
  const double total = Grew(s, Stage::kInitial, Stage::kFinal);
  return {BackendTitle(s.row),
          Share(Grew(s, Stage::kInitial, Stage::kModelLoaded), total),
          Share(Grew(s, Stage::kBeforeInference, Stage::kFirstInference), total),
          MedianCell(s.peak_rss_bytes, 1 / kMib, 0),
          PlainMibCell(s.peak_swap_bytes),
          MedianCell(s.growth_bytes, 1 / kMib, 0),
          MedianCell(s.first_seconds, 1, 2),
          MedianCell(s.second_seconds, 1, 3),
          TimesCell(s.first_seconds.median, s.second_seconds.median),
          MedianCell(s.whole_tokens_per_second, 1, 2),
          gpu ? std::string(MemoryStatus(s.peak_rss_bytes.median))
              : Stars(EfficiencyStars(s.growth_bytes.median, weights)),
          CountCell(s.good_runs)};
}

// A GPU row without a result keeps its place; its status is the reason.
Cells FailedCells(const RowSummary& row, size_t columns) {
  Cells cells(columns, ReportUnknown{});
  cells.front() = BackendTitle(row.row);
  cells[columns - 2] = ReasonText(row.failed->outcome.failure->reason);
  cells.back() = CountCell(0);
  return cells;
}

using Figure = std::function<const Spread&(const RowSummary&)>;

// "1. a: 2.5 [2.4, 2.6] MiB (within noise of b)".
ReportList RankingList(const std::vector<const RankedRow*>& ranked, const Figure& figure,
                       double scale, int digits, std::string_view unit) {
  ReportList list;
  if (std::string alone = NothingToCompare(ranked); !alone.empty()) {
    const Spread& only = figure(ranked.front()->summary);
    list.items.push_back(fmt::format("{} ({} {})", alone, WithRange(only, scale, digits), unit));
    return list;
  }
  for (size_t i = 0; i < ranked.size(); ++i) {
    const RowSummary& row = ranked[i]->summary;
    std::string text = fmt::format("{}. {}: {} {}", i + 1, BackendTitle(row.row),
                                   WithRange(figure(row), scale, digits), unit);
    if (!ranked[i]->note.empty()) text += fmt::format(" ({})", ranked[i]->note);
    if (i + 1 < ranked.size() && WithinNoise(figure(row), figure(ranked[i + 1]->summary))) {
      text += fmt::format(" (within noise of {})", BackendTitle(ranked[i + 1]->summary.row));
    }
    list.items.push_back(std::move(text));
  }
  return list;
}

ReportList Unranked(const StudyContext& context) {
  ReportList list;
  for (const RankedRow& row : context.rows) {
    if (!row.unranked_by.empty()) {
      list.items.push_back(
          fmt::format("not ranked: {}: {}", BackendTitle(row.summary.row), row.unranked_by));
    }
  }
  return list;
}

}  // namespace

double Grew(const RowSummary& row, Stage from, Stage to) {
  return row.stages[static_cast<size_t>(to)].rss_bytes -
         row.stages[static_cast<size_t>(from)].rss_bytes;
}

ReportFigure PlainMibCell(double bytes) { return {.value = bytes / kMib, .grouped = true}; }

std::string PlainMib(double bytes) { return CellText(PlainMibCell(bytes)); }

std::string WithRange(const Spread& spread, double scale, int digits) {
  return CellText(MedianCell(spread, scale, digits));
}

const RankedRow* FindRow(std::span<const RankedRow> rows, std::string_view name) {
  const auto found =
      std::ranges::find_if(rows, [&](const RankedRow& row) { return row.summary.row == name; });
  return found == rows.end() ? nullptr : &*found;
}

ReportBlocks DeviceTable(const StudyContext& context, bool gpu) {
  ReportTable table{
      {"backend", WideOnly({"model loading", "MiB"}), WideOnly({"first inference", "MiB"}),
       Brief({"peak RSS", "MiB"}), WideOnly({"swap", "MiB"}),
       Brief({"added after start-up", "MiB"}), Brief({"1st inference", "s"}),
       Brief({"2nd inference", "s"}), WideOnly("speedup"), "tokens/s",
       gpu ? "memory status" : "efficiency", WideOnly("runs")},
      {}};
  const double weights = static_cast<double>(context.scenario.model.weights_bytes);
  constexpr size_t kDeviceColumn = 4;  // after peak RSS
  if (gpu) table.columns.insert(table.columns.begin() + kDeviceColumn, Brief({"peak GPU", "MiB"}));
  for (const RankedRow& row : context.rows) {
    if (row.on_gpu != gpu) continue;
    Cells cells = CellsOf(row, weights, gpu);
    if (gpu) {
      cells.insert(cells.begin() + kDeviceColumn,
                   MedianCell(row.summary.device_peak_bytes, 1 / kMib, 0));
    }
    table.rows.push_back(std::move(cells));
  }
  for (const RowSummary& row : context.all) {
    if (!gpu || row.good_runs > 0 || !row.failed || !RunsOnGpu(row)) continue;
    table.rows.push_back(FailedCells(row, table.columns.size()));
  }
  if (table.rows.empty()) return {};
  return {
      ReportHeading{gpu ? "GPU backends" : "CPU backends", 2},
      ReportParagraph{fmt::format(
          "Medians with 95 % intervals. Model loading and first inference: change of RSS, and its "
          "share of the change from 0_INITIAL to 5_FINAL. Added after start-up: peak RSS minus "
          "that at 0_INITIAL. {}",
          gpu ? "Peak GPU: device memory as NVML reports it. The appendix has the classes of "
                "memory status."
              : "The appendix has the rule of the stars.")},
      std::move(table)};
}

ReportBlocks RankingSections(const StudyContext& context) {
  const auto memory = ByMemory(context.rows);
  if (memory.empty()) return {};
  const MemoryMeasure measure = RankedMemory(context.rows);
  ReportBlocks blocks = {ReportHeading{"Throughput ranking", 2},
                         RankingList(BySpeed(context.rows), RankedSpeed, 1, 2, "tokens/s"),
                         ReportHeading{fmt::format("Memory ranking, by {}", measure.name), 2}};
  if (std::string why = WhyGrowth(measure); !why.empty()) {
    blocks.emplace_back(ReportParagraph{std::move(why)});
  }
  blocks.emplace_back(RankingList(
      memory, [&](const RowSummary& row) -> const Spread& { return row.*measure.figure; }, 1 / kMib,
      0, "MiB"));
  if (const auto decode = ByDecodeSpeed(context.rows); !decode.empty()) {
    blocks.emplace_back(ReportHeading{"Decode ranking", 2});
    blocks.emplace_back(RankingList(
        decode,
        [](const RowSummary& row) -> const Spread& { return *row.decode_tokens_per_second; }, 1, 2,
        "tokens/s"));
  }
  if (ReportList unranked = Unranked(context); !unranked.items.empty()) {
    blocks.emplace_back(std::move(unranked));
  }
  return blocks;
}

ReportBlocks EinsumKinds(const StudyContext& context) {
  if (context.scenario.model.einsums.empty()) return {};
  ReportTable table{{"equation", "what it computes", "operands", "count", "rewritten"}, {}};
  for (const EinsumKind& kind : context.scenario.model.einsums) {
    table.rows.push_back(
        {kind.equation, kind.place, kind.constant_operand ? "one constant" : "two variables",
         CountCell(kind.count), kind.rewritten ? "to " + kind.outcome : "no: " + kind.outcome});
  }
  return {ReportHeading{"Einsums of this model in Tare's graph", 2}, std::move(table)};
}

ReportBlocks DevicePatterns(const StudyContext& context) {
  ReportTable table{{"backend",
                     {"CPU peak", "MiB"},
                     {"GPU peak", "MiB"},
                     {"CPU", "tokens/s"},
                     {"GPU", "tokens/s"},
                     "smaller",
                     "faster"},
                    {}};
  for (const RankedRow& cpu : context.rows) {
    const RankedRow* gpu = FindRow(context.rows, cpu.summary.row + ":gpu");
    if (gpu == nullptr) continue;
    const auto better = [](bool first, const Spread& a, const Spread& b) {
      if (!ToldApart(a, b)) return WithinNoise(a, b) ? "within noise" : "too few runs";
      return first ? "CPU" : "GPU";
    };
    const RowSummary& a = cpu.summary;
    const RowSummary& b = gpu->summary;
    table.rows.push_back(
        {BackendTitle(a.row), MedianCell(a.peak_rss_bytes, 1 / kMib, 0),
         MedianCell(b.peak_rss_bytes, 1 / kMib, 0), MedianCell(RankedSpeed(a), 1, 2),
         MedianCell(RankedSpeed(b), 1, 2),
         better(a.peak_rss_bytes.median < b.peak_rss_bytes.median, a.peak_rss_bytes,
                b.peak_rss_bytes),
         better(RankedSpeed(a).median > RankedSpeed(b).median, RankedSpeed(a), RankedSpeed(b))});
  }
  if (table.rows.empty()) return {};
  return {ReportHeading{"CPU and GPU", 2}, std::move(table)};
}

ReportBlocks RequiredMemory(const StudyContext& context) {
  ReportTable table = RequiredTable(context.document, context.index);
  if (table.rows.empty()) return {};
  return {ReportHeading{kRequiredHeading, 2}, std::move(table)};
}

}  // namespace tare
