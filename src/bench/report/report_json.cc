#include "bench/report/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/results/record_fields.h"
#include "bench/results/result_json.h"
#include "bench/results/summary.h"

namespace tare {
namespace {

using nlohmann::json;

// `scale` converts the figure to the unit in its name. Bytes and nanoseconds are whole numbers.
json ToJson(const Spread& spread, double scale, bool whole) {
  const auto number = [&](double value) {
    return whole ? json(std::llround(value * scale)) : json(value * scale);
  };
  json interval = nullptr;
  if (spread.interval) interval = {number(spread.interval->low), number(spread.interval->high)};
  return {{"median", number(spread.median)},
          {"min", number(spread.min)},
          {"max", number(spread.max)},
          {"quartiles", {number(spread.lower_quartile), number(spread.upper_quartile)}},
          {"interval_95", std::move(interval)},
          {"outlier_rounds", spread.outlier_rounds},
          {"count", spread.count}};
}
json ToJson(const SummaryFigure& figure, const RowSummary& row) {
  const std::optional<Spread> spread = figure.Of(row);
  if (!spread) return nullptr;
  return ToJson(*spread, JsonScale(figure.unit()), figure.unit() != MetricUnit::kPerSecond);
}

json ToJson(const TokenAgreement& tokens) {
  if (!tokens.known) return nullptr;
  json out = {{"equal", tokens.equal}, {"compared", tokens.compared}};
  if (!tokens.equal) {
    out["first_difference"] = {{"generation", tokens.generation}, {"position", tokens.position}};
  }
  return out;
}

json ToJson(const RowSummary& row) {
  json out = {{"row", row.row}, {"good_runs", row.good_runs}};
  if (row.failed) {
    out["failure"] = {{"reason", row.failed->outcome.failure->reason},
                      {"message", row.failed->outcome.failure->message}};
  }
  if (row.quality) out["quality"] = RecordToJson(*row.quality);
  if (row.good_runs == 0) return out;
  for (const SummaryFigure& figure : SummaryFigures()) {
    out[std::string(figure.metric)] = ToJson(figure, row);
  }
  out["peak_rss_high_bytes"] = std::llround(row.peak_rss_high_bytes);
  out["peak_swap_bytes"] = std::llround(row.peak_swap_bytes);
  out["weights_untouched_bytes"] = nullptr;
  if (row.weights_untouched_bytes) {
    out["weights_untouched_bytes"] = std::llround(*row.weights_untouched_bytes);
  }
  out["share_of_limit"] = nullptr;
  out["share_of_limit_of_runs"] = nullptr;
  if (row.share_of_limit) {
    out["share_of_limit"] = row.share_of_limit->median;
    out["share_of_limit_of_runs"] = ToJson(*row.share_of_limit, 1, false);
  }
  out["tokens_against_native"] = ToJson(row.tokens);
  return out;
}

json SummariesToJson(const Document& document) {
  json summaries = json::array();
  for (size_t i = 0; i < document.scenarios.size(); ++i) {
    json rows = json::array();
    for (const RowSummary& row : SummarizeScenario(document, i)) rows.push_back(ToJson(row));
    summaries.push_back({{"scenario", i}, {"rows", std::move(rows)}});
  }
  return summaries;
}

}  // namespace

std::string RenderJson(const Document& document) {
  json out = SessionToJson(document);
  out["summaries"] = SummariesToJson(document);
  out["runs"] = json::array();
  for (const RunRecord& run : document.runs) out["runs"].push_back(RunToJson(run));
  return DumpJson(out) + "\n";
}

}  // namespace tare
