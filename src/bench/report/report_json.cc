#include "bench/report/report_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "bench/results/result_json.h"
#include "bench/results/summary.h"

namespace tare {
namespace {

using nlohmann::json;

template <typename T>
json OrNull(const std::optional<T>& value) {
  return value ? json(*value) : json(nullptr);
}

// `scale` takes the figure to the unit of its name; whole for bytes and nanoseconds.
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
json Bytes(const Spread& spread) { return ToJson(spread, 1, true); }
json Bytes(const std::optional<Spread>& spread) { return spread ? Bytes(*spread) : json(nullptr); }
json Ns(const Spread& spread) { return ToJson(spread, 1e9, true); }
json Ns(const std::optional<Spread>& spread) { return spread ? Ns(*spread) : json(nullptr); }
json Rate(const std::optional<Spread>& spread) {
  return spread ? ToJson(*spread, 1, false) : json(nullptr);
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
  if (row.good_runs == 0) return out;
  out.update(
      {{"peak_rss_bytes", Bytes(row.peak_rss_bytes)},
       {"peak_rss_high_bytes", std::llround(row.peak_rss_high_bytes)},
       {"growth_bytes", Bytes(row.growth_bytes)},
       {"tare_bytes", Bytes(row.tare_bytes)},
       {"peak_swap_bytes", std::llround(row.peak_swap_bytes)},
       {"weights_untouched_bytes", row.weights_untouched_bytes
                                       ? json(std::llround(*row.weights_untouched_bytes))
                                       : json(nullptr)},
       {"device_peak_bytes", Bytes(row.device_peak_bytes)},
       {"load_ns", Ns(row.load_seconds)},
       {"cold_start_ns", Ns(row.cold_start_seconds)},
       {"first_generation_ns", Ns(row.first_seconds)},
       {"second_generation_ns", Ns(row.second_seconds)},
       {"first_ttft_ns", Ns(row.first_ttft_seconds)},
       {"ttft_ns", Ns(row.ttft_seconds)},
       {"prefill_tokens_per_second", Rate(row.prefill_tokens_per_second)},
       {"decode_tokens_per_second", Rate(row.decode_tokens_per_second)},
       {"first_tokens_per_second", Rate(row.first_tokens_per_second)},
       {"study_words_per_second", Rate(row.study_words_per_second)},
       {"whole_tokens_per_second", Rate(row.whole_tokens_per_second)},
       {"share_of_limit", row.share_of_limit ? json(row.share_of_limit->median) : json(nullptr)},
       {"share_of_limit_of_runs", Rate(row.share_of_limit)},
       {"tokens_against_native", ToJson(row.tokens)}});
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
