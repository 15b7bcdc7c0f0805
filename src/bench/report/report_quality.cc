#include "bench/report/report_quality.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/count_text.h"
#include "bench/report/cells.h"

namespace tare {
namespace {

constexpr int kKlDigits = 5;

bool IsCompared(const RowSummary& row) { return row.quality && row.quality->error.empty(); }

std::string Heading(const QualityRecord& quality) {
  return fmt::format("Quality (predictions of {} of a fixed text, against {}{})",
                     CountText(quality.divergence.positions, "position"),
                     BackendTitle(quality.reference),
                     quality.reference == kNativeRow ? " in f32" : "");
}

}  // namespace

bool HasQuality(std::span<const RowSummary> rows) { return std::ranges::any_of(rows, IsCompared); }

ReportCell QualityCell(const RowSummary& row) {
  if (!IsCompared(row)) return ReportUnknown{};
  return ReportFigure{.value = row.quality->divergence.mean_kl, .digits = kKlDigits};
}

ReportBlocks QualitySection(std::span<const RowSummary> rows) {
  ReportTable table{{"backend",
                     {"KL divergence", "nats"},
                     {"largest", "nats"},
                     {"same likeliest token", "%"},
                     "perplexity",
                     "÷ reference's"},
                    {}};
  std::vector<std::string> errors;
  std::string heading = "Quality";
  for (const RowSummary& row : rows) {
    if (row.quality && !row.quality->error.empty()) {
      errors.push_back(
          fmt::format("{}: not compared: {}", BackendTitle(row.row), row.quality->error));
    }
    if (!IsCompared(row)) continue;
    const DivergenceSummary& found = row.quality->divergence;
    heading = Heading(*row.quality);
    table.rows.push_back(
        {BackendTitle(row.row), QualityCell(row),
         ReportFigure{.value = found.max_kl, .digits = kKlDigits},
         ReportFigure{.value = 100 * found.top1_agreement, .digits = 1},
         ReportFigure{.value = found.perplexity, .digits = 3},
         ReportFigure{.value = found.perplexity / found.reference_perplexity, .digits = 4}});
  }
  ReportBlocks blocks;
  if (table.rows.empty() && errors.empty()) return blocks;
  blocks.emplace_back(ReportHeading{std::move(heading), 2});
  if (!table.rows.empty()) blocks.emplace_back(std::move(table));
  if (!errors.empty()) blocks.emplace_back(ReportList{std::move(errors)});
  return blocks;
}

}  // namespace tare
