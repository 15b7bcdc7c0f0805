#include "bench/report/compare_report.h"

#include <nlohmann/json.hpp>

#include "base/units.h"
#include "bench/report/cells.h"
#include "bench/results/record_fields.h"
#include "bench/results/result_json.h"

namespace tare {
namespace {

using nlohmann::json;

// How to display a unit's figures.
struct Shown {
  std::string_view unit;
  double scale;
  int digits;
};
Shown ShownOf(MetricUnit unit) {
  switch (unit) {
    case MetricUnit::kBytes:
      return {"MiB", 1 / kMib, 1};
    case MetricUnit::kSeconds:
      return {"ms", 1e3, 1};
    case MetricUnit::kPerSecond:
      return {"/s", 1, 1};
  }
  return {"", 1, 1};
}

// Display names of figures whose JSON names read badly.
constexpr struct {
  std::string_view metric;
  std::string_view title;
} kTitles[] = {
    {"peak_rss_bytes", "peak RSS"},
    {"growth_bytes", "added after start-up"},
    {"tare_bytes", "overhead"},
    {"device_peak_bytes", "peak GPU"},
    {"first_ttft_ns", "1st TTFT"},
    {"ttft_ns", "TTFT"},
    {"first_generation_ns", "1st generation"},
    {"second_generation_ns", "2nd generation"},
    {"first_tokens_per_second", "1st tokens"},
    {"whole_tokens_per_second", "2nd tokens"},
};

// "peak_rss_bytes" → "peak RSS MiB", "decode_tokens_per_second" → "decode tokens/s".
std::string Title(const Metric& metric) {
  std::string name(metric.name);
  for (const std::string_view unit : {"_bytes", "_ns", "_per_second"}) {
    if (name.ends_with(unit)) name.resize(name.size() - unit.size());
  }
  for (char& c : name) c = c == '_' ? ' ' : c;
  for (const auto& entry : kTitles) {
    if (entry.metric == metric.name) name = entry.title;
  }
  const bool rate = metric.unit == MetricUnit::kPerSecond;
  return fmt::format("{}{}{}", name, rate ? "" : " ", ShownOf(metric.unit).unit);
}

ReportFigure Change(const MetricComparison& one, const Shown& shown) {
  const Effect& effect = one.effect;
  const double scale = effect.relative ? 100 : shown.scale;
  ReportFigure number{.value = effect.relative.value_or(effect.difference) * scale,
                      .digits = effect.relative ? 1 : shown.digits,
                      .unit = fmt::format(" {}", effect.relative ? "%" : shown.unit),
                      .with_sign = true};
  if (std::min(one.base.count, one.now.count) < kFewestForInterval) return number;
  const Interval& interval =
      effect.relative ? *effect.relative_interval : effect.difference_interval;
  number.interval = Interval{interval.low * scale, interval.high * scale};
  return number;
}

constexpr char kNoEvidence[] = "no evidence";

// The verdict as in JSON.
std::string Verdict(const MetricComparison& one) {
  if (std::min(one.base.count, one.now.count) < kFewestForVerdict) return "too few runs";
  if (!one.differs()) return kNoEvidence;
  const bool rose = one.effect.difference > 0;
  if (one.effect.difference == 0) return "differs";
  return rose == (one.metric->better == Better::kHigher) ? "better" : "worse";
}

// The verdict as displayed.
std::string VerdictText(const MetricComparison& one) {
  const std::string verdict = Verdict(one);
  return verdict == kNoEvidence ? "within noise" : verdict;
}

ReportTable MetricsTable(const ScenarioComparison& scenario) {
  ReportTable table{{"backend", "figure", Brief("base"), Brief("new"), "change", WideOnly("p"),
                     WideOnly("runs"), "verdict"},
                    {}};
  for (const RowComparison& row : scenario.rows) {
    for (const MetricComparison& one : row.metrics) {
      const Shown shown = ShownOf(one.metric->unit);
      table.rows.push_back({BackendTitle(row.row), Title(*one.metric),
                            MedianCell(one.base, shown.scale, shown.digits),
                            MedianCell(one.now, shown.scale, shown.digits), Change(one, shown),
                            ReportFigure{.value = one.test.p, .digits = 4},
                            fmt::format("{} and {}", one.base.count, one.now.count),
                            VerdictText(one)});
    }
  }
  return table;
}

// Predictions beside the reference's, base and new.
std::string QualityText(const RowComparison& row) {
  const DivergenceSummary& base = row.base_quality->divergence;
  const DivergenceSummary& now = row.now_quality->divergence;
  const bool same = row.base_quality->reference == row.now_quality->reference;
  return fmt::format(
      "{}: KL divergence {:.5f} → {:.5f} nats, same likeliest token {:.1f} → {:.1f} %, perplexity "
      "÷ reference's {:.4f} → {:.4f}{}",
      BackendTitle(row.row), base.mean_kl, now.mean_kl, 100 * base.top1_agreement,
      100 * now.top1_agreement, base.perplexity / base.reference_perplexity,
      now.perplexity / now.reference_perplexity,
      same ? ""
           : fmt::format("; against {} → {}", BackendTitle(row.base_quality->reference),
                         BackendTitle(row.now_quality->reference)));
}

ReportList RowNotes(const ScenarioComparison& scenario) {
  ReportList list;
  for (const RowComparison& row : scenario.rows) {
    if (row.base_quality) list.items.push_back(QualityText(row));
    if (row.tokens.known && !row.tokens.equal) {
      list.items.push_back(fmt::format("{}: tokens differ from generation {}, token {} on",
                                       BackendTitle(row.row), row.tokens.generation + 1,
                                       row.tokens.position + 1));
    }
    if (!row.base_failure.empty()) {
      list.items.push_back(fmt::format("{}: failed in the base session: {}", BackendTitle(row.row),
                                       ReasonText(row.base_failure)));
    }
    if (!row.now_failure.empty()) {
      list.items.push_back(fmt::format("{}: failed in the new session: {}", BackendTitle(row.row),
                                       ReasonText(row.now_failure)));
    }
  }
  return list;
}

json SpreadJson(const Spread& spread, double scale) {
  json interval = nullptr;
  if (spread.interval) interval = {spread.interval->low * scale, spread.interval->high * scale};
  return {{"median", spread.median * scale},
          {"min", spread.min * scale},
          {"max", spread.max * scale},
          {"interval_95", std::move(interval)},
          {"outlier_rounds", spread.outlier_rounds},
          {"count", spread.count}};
}

json MetricJson(const MetricComparison& one) {
  const double scale = JsonScale(one.metric->unit);
  json out = {
      {"metric", one.metric->name},
      {"base", SpreadJson(one.base, scale)},
      {"new", SpreadJson(one.now, scale)},
      {"difference", one.effect.difference * scale},
      {"difference_interval_95",
       {one.effect.difference_interval.low * scale, one.effect.difference_interval.high * scale}},
      {"relative_change", nullptr},
      {"relative_change_interval_95", nullptr},
      {"mann_whitney_u", one.test.u},
      {"p", one.test.p},
      {"p_is_exact", one.test.exact},
      {"verdict", Verdict(one)}};
  if (one.effect.relative) {
    out["relative_change"] = *one.effect.relative;
    out["relative_change_interval_95"] = {one.effect.relative_interval->low,
                                          one.effect.relative_interval->high};
  }
  return out;
}

json RowJson(const RowComparison& row) {
  json metrics = json::array();
  for (const MetricComparison& one : row.metrics) metrics.push_back(MetricJson(one));
  json out = {{"row", row.row},
              {"base_runs", row.base_runs},
              {"new_runs", row.now_runs},
              {"base_failure", row.base_failure},
              {"new_failure", row.now_failure},
              {"tokens_equal", nullptr},
              {"metrics", std::move(metrics)}};
  if (row.tokens.known) out["tokens_equal"] = row.tokens.equal;
  if (row.base_quality) {
    out["quality"] = {{"base", RecordToJson(*row.base_quality)},
                      {"new", RecordToJson(*row.now_quality)}};
  }
  return out;
}

}  // namespace

ReportDocument BuildCompareReport(const Comparison& comparison) {
  ReportDocument report;
  ReportBlocks& blocks = report.blocks;
  blocks.emplace_back(ReportParagraph{"base: " + comparison.base});
  blocks.emplace_back(ReportParagraph{"new:  " + comparison.now});
  if (!comparison.notes.empty()) blocks.emplace_back(ReportList{comparison.notes});
  for (const ScenarioComparison& scenario : comparison.scenarios) {
    blocks.emplace_back(ReportHeading{scenario.name});
    blocks.emplace_back(ReportParagraph{
        "Medians, and the change of the median with its 95 % interval. The verdict is that of Mann "
        "and Whitney's test, with p < 0.05."});
    blocks.emplace_back(MetricsTable(scenario));
    ReportList notes = RowNotes(scenario);
    if (!notes.items.empty()) blocks.emplace_back(std::move(notes));
  }
  return report;
}

std::string RenderCompareJson(const Comparison& comparison) {
  json scenarios = json::array();
  for (const ScenarioComparison& scenario : comparison.scenarios) {
    json rows = json::array();
    for (const RowComparison& row : scenario.rows) rows.push_back(RowJson(row));
    scenarios.push_back({{"scenario", scenario.name}, {"rows", std::move(rows)}});
  }
  return DumpJson({{"schema_version", kResultSchemaVersion},
                   {"base", comparison.base},
                   {"new", comparison.now},
                   {"notes", comparison.notes},
                   {"scenarios", std::move(scenarios)}}) +
         "\n";
}

}  // namespace tare
