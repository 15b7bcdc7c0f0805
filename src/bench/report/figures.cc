#include "bench/report/figures.h"

#include <cmath>
#include <string_view>

#include "bench/report/cells.h"
#include "bench/results/summary.h"

namespace tare {
namespace {

using Cells = std::vector<ReportCell>;

// In column order.
constexpr std::string_view kExported[] = {"peak_rss_bytes",
                                          "growth_bytes",
                                          "tare_bytes",
                                          "load_ns",
                                          "cold_start_ns",
                                          "first_generation_ns",
                                          "second_generation_ns",
                                          "ttft_ns",
                                          "prefill_tokens_per_second",
                                          "decode_tokens_per_second",
                                          "whole_tokens_per_second",
                                          "study_words_per_second",
                                          "device_peak_bytes"};

// "decode_tokens_per_s": columns had these names before they followed JSON's.
std::string ColumnName(std::string_view figure) {
  constexpr std::string_view kRate = "_per_second";
  if (!figure.ends_with(kRate)) return std::string(figure);
  return std::string(figure.substr(0, figure.size() - kRate.size())) + "_per_s";
}

std::vector<ReportColumn> Columns() {
  std::vector<ReportColumn> columns = {"model",   "precision", "workload", "threads",      "row",
                                       "failure", "n",         "tokens",   "weights_bytes"};
  for (const std::string_view figure : kExported) {
    for (const char* part : {"", "_low", "_high"}) columns.emplace_back(ColumnName(figure) + part);
  }
  return columns;
}

std::string TokensWord(const TokenAgreement& tokens) {
  if (!tokens.known) return "unknown";
  if (tokens.sampled) return "sampled";
  return tokens.equal ? "equal" : "differ";
}

// Adds three cells: the median and the limits of its interval.
void AddFigure(const SummaryFigure& figure, const RowSummary& row, Cells& cells) {
  const std::optional<Spread> spread = figure.Of(row);
  const auto number = [&](double value) -> ReportCell {
    value *= JsonScale(figure.unit());
    if (figure.unit() == MetricUnit::kPerSecond) {
      return ReportFigure{.value = value, .digits = ReportFigure::kShortest};
    }
    return ReportFigure{.value = static_cast<double>(std::llround(value))};
  };
  const bool has_interval = spread && spread->interval;
  cells.push_back(spread ? number(spread->median) : ReportUnknown{});
  cells.push_back(has_interval ? number(spread->interval->low) : ReportUnknown{});
  cells.push_back(has_interval ? number(spread->interval->high) : ReportUnknown{});
}

Cells CellsOf(const ScenarioRecord& scenario, const RowSummary& row, size_t columns) {
  Cells cells = {scenario.scenario.model,
                 scenario.model.precision,
                 WorkloadName(scenario.scenario.workload),
                 CountCell(scenario.scenario.threads),
                 row.row,
                 row.failed ? row.failed->outcome.failure->reason : "",
                 CountCell(row.good_runs),
                 row.good_runs > 0 ? TokensWord(row.tokens) : "",
                 CountCell(scenario.model.weights_bytes)};
  for (const std::string_view figure : kExported) {
    if (row.good_runs > 0) AddFigure(FindSummaryFigure(figure), row, cells);
  }
  cells.resize(columns, ReportUnknown{});
  return cells;
}

}  // namespace

ReportDocument BuildFigures(const Document& document) {
  ReportTable table{Columns(), {}};
  for (size_t i = 0; i < document.scenarios.size(); ++i) {
    for (const RowSummary& row : SummarizeScenario(document, i)) {
      table.rows.push_back(CellsOf(document.scenarios[i], row, table.columns.size()));
    }
  }
  return {{std::move(table)}};
}

}  // namespace tare
