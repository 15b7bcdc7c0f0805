#include "bench/report/report_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/units.h"
#include "bench/report/cells.h"
#include "bench/report/health.h"

namespace tare {
namespace {

using Cells = std::vector<ReportCell>;

// "42.0 [41.5, 43.1]" with the 95 % interval; of two, "42.0 (41.5–43.1)" with both; else the
// median.
ReportCell SpreadCell(const std::optional<Spread>& spread, double scale, int digits) {
  if (!spread) return ReportUnknown{};
  ReportFigure number = MedianCell(*spread, scale, digits);
  if (!spread->interval && spread->count > 1) {
    number.range = Interval{spread->min * scale, spread->max * scale};
  }
  return number;
}

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

// For one process the peak is a figure; for a tree it is two bounds.
ReportCell PeakCell(const RowSummary& row) {
  if (row.peak_rss_high_bytes <= row.peak_rss_bytes.median) {
    return SpreadCell(row.peak_rss_bytes, 1 / kMib, 1);
  }
  ReportFigure bounds = MibCell(row.peak_rss_bytes.median);
  bounds.at_most = row.peak_rss_high_bytes / kMib;
  return bounds;
}

void AddDeviceMemory(const RowSummary& row, ReportTable& table) {
  if (!row.device_peak_bytes) return;
  table.columns.push_back({"GPU", "MiB"});
  for (size_t i = 0; i < kStageCount; ++i) {
    table.rows[i].push_back(MibCellOf(row.stages[i].device_bytes));
  }
  table.rows.back().push_back(MibCell(row.device_peak_bytes->median));
}

// Beside figures of other rows: that this one has none, and why.
Cells NoResult(const RowSummary& row, size_t columns) {
  Cells cells(columns, ReportUnknown{});
  cells[0] = row.row;
  cells[1] = CountCell(0);
  cells.back() = row.failed->outcome.failure->reason;
  return cells;
}

// Peaks of device memory, where a row was on a GPU.
void AddDeviceColumn(std::span<const RowSummary> rows, ReportTable& table) {
  const auto has_device = [](const RowSummary& row) { return row.device_peak_bytes.has_value(); };
  if (std::ranges::none_of(rows, has_device)) return;
  constexpr size_t kColumn = 4;  // behind what is resident
  table.columns.insert(table.columns.begin() + kColumn, ReportColumn("peak GPU", "MiB"));
  for (size_t i = 0; i < rows.size(); ++i) {
    Cells& cells = table.rows[i];
    cells.insert(cells.begin() + kColumn, SpreadCell(rows[i].device_peak_bytes, 1 / kMib, 1));
  }
}

Cells SummaryCells(const RowSummary& row) {
  const double rate = row.whole_tokens_per_second.median;
  return {
      row.row,
      CountCell(row.good_runs),
      PeakCell(row),
      MibCell(row.growth_bytes.median),
      SpreadCell(row.tare_bytes, 1 / kMib, 1),
      MibCellOf(row.weights_untouched_bytes),
      MibCell(row.peak_swap_bytes),
      SecondsCell(row.first_seconds.median, 3),
      SecondsCell(row.second_seconds.median, 3),
      TimesCell(row.first_seconds.median, row.second_seconds.median),
      MedianOf(row.first_tokens_per_second, 2),
      MedianOf(row.whole_tokens_per_second, 2),
      MedianOf(row.study_words_per_second, 2),
      fmt::format("{} memory, {} speed", MemoryClass(row.peak_rss_bytes.median), SpeedClass(rate))};
}

std::string Agreement(const RowSummary& row, std::string_view reference) {
  if (row.cut_short) {
    return fmt::format("{} of {} in generation {}", row.cut_short->made, row.cut_short->asked,
                       row.cut_short->generation + 1);
  }
  if (row.tokens.sampled) return "sampled";
  if (row.reference && row.tokens.equal) return "reference";
  if (!row.tokens.known) return fmt::format("no {} row", reference);
  if (row.tokens.equal) return fmt::format("equal ({})", row.tokens.compared);
  return fmt::format("differ: generation {}, token {}", row.tokens.generation + 1,
                     row.tokens.position + 1);
}

ReportCell OutlierRounds(const Spread& spread) {
  if (spread.outlier_rounds.empty()) return ReportUnknown{};
  std::string text;
  for (const size_t round : spread.outlier_rounds) {
    text += fmt::format("{}{}", text.empty() ? "" : ", ", round + 1);
  }
  return text;
}

// A figure of the table of spreads.
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
  // Of one run each of these would be the median again.
  const auto of_several = [&](double value) -> ReportCell {
    if (spread.count > 1) return cell(value);
    return ReportUnknown{};
  };
  ReportCell interval = ReportUnknown{};
  if (spread.interval) {
    interval = ReportInterval{
        {spread.interval->low * figure.scale, spread.interval->high * figure.scale}, 1};
  }
  return {row.row,
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
  ReportTable table{{"stage",
                     {"RAM", "MiB"},
                     "change",
                     {"swap", "MiB"},
                     "change",
                     "anon",
                     "file",
                     "shmem",
                     "highest since"},
                    {}};
  for (size_t i = 0; i < kStageCount; ++i) {
    const StageSummary& now = row.stages[i];
    const StageSummary& before = row.stages[i == 0 ? 0 : i - 1];
    const auto change = [&](double StageSummary::*part) -> ReportCell {
      if (i == 0) return ReportUnknown{};
      return MibChangeCell(now.*part - before.*part);
    };
    table.rows.push_back({std::string(StageName(static_cast<Stage>(i))), MibCell(now.rss_bytes),
                          change(&StageSummary::rss_bytes), MibCell(now.swap_bytes),
                          change(&StageSummary::swap_bytes), MibCell(now.anon_bytes),
                          MibCell(now.file_bytes), MibCell(now.shmem_bytes),
                          MibCell(now.high_water_bytes)});
  }
  table.rows.push_back({"peak recorded", MibCell(row.peak_rss_bytes.median),
                        MibChangeCell(row.growth_bytes.median), MibCell(row.peak_swap_bytes),
                        MibChangeCell(row.peak_swap_bytes - row.stages[0].swap_bytes), "", "", "",
                        ""});
  AddDeviceMemory(row, table);
  return table;
}

ReportTable ConsumersTable(std::span<const RowSummary> rows) {
  ReportTable table{{"row",
                     {"model loading", "MiB"},
                     {"first inference", "MiB"},
                     {"second inference", "MiB"},
                     {"total growth", "MiB"}},
                    {}};
  for (const RowSummary& row : rows) {
    const double total = GrewBetween(row, Stage::kInitial, Stage::kFinal);
    const auto cell = [&](Stage from, Stage to) {
      return ChangeWithShare(GrewBetween(row, from, to), total);
    };
    table.rows.push_back({row.row, cell(Stage::kInitial, Stage::kModelLoaded),
                          cell(Stage::kBeforeInference, Stage::kFirstInference),
                          cell(Stage::kFirstInference, Stage::kSecondInference),
                          MibChangeCell(total)});
  }
  return table;
}

ReportTable SummaryTable(std::span<const RowSummary> rows) {
  ReportTable table{{"row",
                     "n",
                     {"peak RSS", "MiB"},
                     {"over stage 0", "MiB"},
                     {"tare", "MiB"},
                     {"untouched weights", "MiB"},
                     {"peak swap", "MiB"},
                     {"1st", "s"},
                     {"2nd", "s"},
                     "speedup",
                     {"1st", "tokens/s"},
                     "tokens/s",
                     {"study", "words/s"},
                     "class"},
                    {}};
  for (const RowSummary& row : rows) {
    table.rows.push_back(row.good_runs > 0 ? SummaryCells(row)
                                           : NoResult(row, table.columns.size()));
  }
  AddDeviceColumn(rows, table);
  return table;
}

ReportTable SpeedTable(std::span<const RowSummary> rows, std::string_view reference) {
  ReportTable table{{"row",
                     {"load", "s"},
                     {"cold start", "s"},
                     {"TTFT 1st", "ms"},
                     {"TTFT", "ms"},
                     {"prefill", "tokens/s"},
                     {"decode", "tokens/s"},
                     "n",
                     "% of limit",
                     "tokens"},
                    {}};
  for (const RowSummary& row : rows) {
    table.rows.push_back(
        {row.row, SpreadCell(row.load_seconds, 1, 3), SpreadCell(row.cold_start_seconds, 1, 3),
         SpreadCell(row.first_ttft_seconds, 1e3, 1), SpreadCell(row.ttft_seconds, 1e3, 1),
         SpreadCell(row.prefill_tokens_per_second, 1, 1),
         SpreadCell(row.decode_tokens_per_second, 1, 1), CountCell(row.good_runs),
         SpreadCell(row.share_of_limit, 100, 0), Agreement(row, reference)});
  }
  return table;
}

ReportTable SpreadTable(std::span<const RowSummary> rows) {
  ReportTable table{{"row", "figure", "n", "median", "95 % interval", "min", "lower quartile",
                     "upper quartile", "max", "outliers (round)"},
                    {}};
  for (const RowSummary& row : rows) {
    const SpreadFigure figures[] = {
        {"peak RSS MiB", row.peak_rss_bytes, 1 / kMib},
        {"tare MiB", row.tare_bytes, 1 / kMib},
        {"cold start ms", row.cold_start_seconds, 1e3},
        {"TTFT ms", row.ttft_seconds, 1e3},
        {"prefill tokens/s", row.prefill_tokens_per_second, 1},
        {"decode tokens/s", row.decode_tokens_per_second, 1},
        {"% of limit", row.share_of_limit, 100},
    };
    for (const SpreadFigure& figure : figures) {
      if (figure.spread) table.rows.push_back(SpreadCells(row, figure));
    }
  }
  return table;
}

}  // namespace tare
