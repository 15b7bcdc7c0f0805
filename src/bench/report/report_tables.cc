#include "bench/report/report_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "bench/report/cells.h"

namespace tare {
namespace {

using Cells = std::vector<ReportCell>;

ReportCell MibCellOf(const std::optional<double>& bytes) {
  if (!bytes) return ReportUnknown{};
  return MibCell(*bytes);
}

ReportFigure SecondsCell(double seconds, int digits) {
  return {.value = seconds, .digits = digits};
}

ReportCell MedianOf(const std::optional<Spread>& spread, int digits) {
  if (!spread) return ReportUnknown{};
  return ReportFigure{.value = spread->median, .digits = digits};
}

ReportFigure ChangeWithShare(double bytes, double total) {
  ReportFigure number = MibChangeCell(bytes);
  if (total != 0) number.share = bytes / total;
  return number;
}

double GrewBetween(const RowSummary& row, Stage from, Stage to) {
  const auto rss = [&](Stage stage) { return row.stages[static_cast<size_t>(stage)].rss_bytes; };
  return rss(to) - rss(from);
}

void AddDeviceMemory(const RowSummary& row, ReportTable& table) {
  if (!row.device_peak_bytes) return;
  table.columns.push_back({"GPU", "MiB"});
  for (size_t i = 0; i < kStageCount; ++i) {
    table.rows[i].push_back(MibCellOf(row.stages[i].device_bytes));
  }
  table.rows.back().push_back(MibCell(row.device_peak_bytes->median));
}

ReportCell OutlierRounds(const Spread& spread) {
  if (spread.outlier_rounds.empty()) return ReportUnknown{};
  std::string text;
  for (const size_t round : spread.outlier_rounds) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", round + 1);
  }
  return text;
}

// A line of the spread table.
struct SpreadFigure {
  const char* name;
  std::optional<Spread> spread;
  double scale;
};

Cells SpreadCells(const RowSummary& row, const SpreadFigure& figure) {
  const Spread& spread = *figure.spread;
  const auto cell = [&](double value) {
    return ReportFigure{.value = value * figure.scale, .digits = 1};
  };
  // For a single run, each of these repeats the median.
  const auto of_several = [&](double value) -> ReportCell {
    if (spread.count > 1) return cell(value);
    return ReportUnknown{};
  };
  ReportCell interval = ReportUnknown{};
  if (spread.interval) {
    interval = ReportInterval{
        {spread.interval->low * figure.scale, spread.interval->high * figure.scale}, 1};
  }
  return {BackendTitle(row.row),
          figure.name,
          CountCell(spread.count),
          cell(spread.median),
          std::move(interval),
          of_several(spread.min),
          of_several(spread.lower_quartile),
          of_several(spread.upper_quartile),
          of_several(spread.max),
          OutlierRounds(spread)};
}

}  // namespace

ReportTable StagesTable(const RowSummary& row) {
  const bool swapped = row.peak_swap_bytes > 0;
  const auto if_swapped = [&](ReportColumn column) {
    return swapped ? column : WideOnly(std::move(column));
  };
  ReportTable table{{"stage",
                     {"RSS", "MiB"},
                     "change",
                     if_swapped({"swap", "MiB"}),
                     if_swapped("change"),
                     "anon",
                     "file",
                     "shmem",
                     "peak in this stage"},
                    {}};
  for (size_t i = 0; i < kStageCount; ++i) {
    const StageSummary& now = row.stages[i];
    const StageSummary& before = row.stages[i == 0 ? 0 : i - 1];
    const auto change = [&](double StageSummary::*part) -> ReportCell {
      if (i == 0) return ReportUnknown{};
      return MibChangeCell(now.*part - before.*part);
    };
    table.rows.push_back({std::string(StageTitle(static_cast<Stage>(i))), MibCell(now.rss_bytes),
                          change(&StageSummary::rss_bytes), MibCell(now.swap_bytes),
                          change(&StageSummary::swap_bytes), MibCell(now.anon_bytes),
                          MibCell(now.file_bytes), MibCell(now.shmem_bytes),
                          MibCell(now.high_water_bytes)});
  }
  table.rows.push_back({"peak, added after start-up", MibCell(row.peak_rss_bytes.median),
                        MibChangeCell(row.growth_bytes.median), MibCell(row.peak_swap_bytes),
                        MibChangeCell(row.peak_swap_bytes - row.stages[0].swap_bytes), "", "", "",
                        ""});
  AddDeviceMemory(row, table);
  return table;
}

ReportTable ConsumersTable(std::span<const RowSummary> rows) {
  ReportTable table{{"backend",
                     {"model loading", "MiB"},
                     {"first inference", "MiB"},
                     {"second inference", "MiB"},
                     {"start to finish", "MiB"},
                     WideOnly({"weights not resident at the end", "MiB"}),
                     WideOnly({"peak swap", "MiB"})},
                    {}};
  for (const RowSummary& row : rows) {
    const double total = GrewBetween(row, Stage::kInitial, Stage::kFinal);
    const auto cell = [&](Stage from, Stage to) {
      return ChangeWithShare(GrewBetween(row, from, to), total);
    };
    table.rows.push_back({BackendTitle(row.row), cell(Stage::kInitial, Stage::kModelLoaded),
                          cell(Stage::kBeforeInference, Stage::kFirstInference),
                          cell(Stage::kFirstInference, Stage::kSecondInference),
                          MibChangeCell(total), MibCellOf(row.weights_untouched_bytes),
                          MibCell(row.peak_swap_bytes)});
  }
  return table;
}

ReportTable GenerationsTable(std::span<const RowSummary> rows) {
  ReportTable table{{"backend",
                     {"1st", "s"},
                     {"2nd", "s"},
                     "speedup",
                     {"1st", "tokens/s"},
                     {"2nd", "tokens/s"},
                     "runs"},
                    {}};
  for (const RowSummary& row : rows) {
    table.rows.push_back({BackendTitle(row.row), SecondsCell(row.first_seconds.median, 3),
                          SecondsCell(row.second_seconds.median, 3),
                          TimesCell(row.first_seconds.median, row.second_seconds.median),
                          MedianOf(row.first_tokens_per_second, 2),
                          MedianOf(row.whole_tokens_per_second, 2), CountCell(row.good_runs)});
  }
  return table;
}

ReportTable SpeedTable(std::span<const RowSummary> rows) {
  ReportTable table{{"backend",
                     Brief({"load", "s"}),
                     Brief({"cold start", "s"}),
                     WideOnly({"1st TTFT", "ms"}),
                     Brief({"TTFT", "ms"}),
                     Brief({"prefill", "tokens/s"}),
                     {"decode", "tokens/s"},
                     Brief("% of memory bandwidth")},
                    {}};
  for (const RowSummary& row : rows) {
    table.rows.push_back(
        {BackendTitle(row.row), SpreadCell(row.load_seconds, 1, 3),
         SpreadCell(row.cold_start_seconds, 1, 3), SpreadCell(row.first_ttft_seconds, 1e3, 1),
         SpreadCell(row.ttft_seconds, 1e3, 1), SpreadCell(row.prefill_tokens_per_second, 1, 1),
         SpreadCell(row.decode_tokens_per_second, 1, 1), SpreadCell(row.share_of_limit, 100, 0)});
  }
  return table;
}

ReportTable SpreadTable(std::span<const RowSummary> rows) {
  ReportTable table{
      {"backend", "figure", WideOnly("runs"), "median", "95 % interval", "min",
       WideOnly("lower quartile"), WideOnly("upper quartile"), "max", "outliers (round)"},
      {}};
  for (const RowSummary& row : rows) {
    const SpreadFigure figures[] = {
        {"peak RSS MiB", row.peak_rss_bytes, 1 / kMib},
        {"overhead MiB", row.tare_bytes, 1 / kMib},
        {"cold start ms", row.cold_start_seconds, 1e3},
        {"TTFT ms", row.ttft_seconds, 1e3},
        {"prefill tokens/s", row.prefill_tokens_per_second, 1},
        {"decode tokens/s", row.decode_tokens_per_second, 1},
        {"% of memory bandwidth", row.share_of_limit, 100},
    };
    for (const SpreadFigure& figure : figures) {
      if (figure.spread) table.rows.push_back(SpreadCells(row, figure));
    }
  }
  return table;
}

}  // namespace tare
