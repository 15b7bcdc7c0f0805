// The effect of a fix, and what Tare did to the rows that it trimmed.
#include <algorithm>
#include <map>

#include "base/units.h"
#include "bench/report/study/study_sections.h"
#include "bench/results/run_metrics.h"

namespace tare {
namespace {

// A figure in the impact tables.
struct ImpactFigure {
  const char* name;
  const char* metric;
  double scale;
  int digits;
};
constexpr ImpactFigure kFigures[] = {
    {"peak RSS MiB", "peak_rss_bytes", 1 / kMib, 0},
    {"added after start-up MiB", "growth_bytes", 1 / kMib, 0},
    {"load s", "load_ns", 1, 2},
    {"1st inference s", "first_generation_ns", 1, 2},
    {"2nd inference s", "second_generation_ns", 1, 3},
    {"tokens/s", "whole_tokens_per_second", 1, 2},
};

Runs GoodRunsOf(const StudyContext& context, std::string_view row) {
  return RunsOfRow(context.runs, row).good;
}

ReportCell PercentCell(const std::optional<double>& part) {
  if (!part) return ReportUnknown{};
  return ReportFigure{.value = *part * 100, .digits = 1, .unit = " %", .with_sign = true};
}

bool SpansZero(const Interval& interval) { return interval.low <= 0 && interval.high >= 0; }

// A change with its interval, if there are enough runs for one. Marks a change within noise.
ReportFigure ChangeCell(double change, const std::optional<Interval>& interval, size_t fewest_runs,
                        double scale, int digits) {
  ReportFigure number{.value = change * scale, .digits = digits, .with_sign = true};
  if (fewest_runs < kFewestForInterval || !interval) return number;
  number.interval = Interval{interval->low * scale, interval->high * scale};
  if (SpansZero(*interval)) number.note = "within noise";
  return number;
}

std::vector<ReportCell> FigureRow(const StudyContext& context, const FixPair& pair,
                                  const ImpactFigure& figure) {
  const std::vector<Measured> without =
      Measure(GoodRunsOf(context, pair.without), context.scenario, figure.metric);
  const std::vector<Measured> with =
      Measure(GoodRunsOf(context, pair.with), context.scenario, figure.metric);
  const std::optional<Effect> effect = FixEffect(context, pair, figure.metric);
  if (!effect) return {};
  const size_t fewest = std::min(without.size(), with.size());
  std::vector<ReportCell> row = {figure.name,
                                 MedianCell(*SpreadOf(without), figure.scale, figure.digits),
                                 MedianCell(*SpreadOf(with), figure.scale, figure.digits),
                                 ChangeCell(effect->difference, effect->difference_interval, fewest,
                                            figure.scale, figure.digits),
                                 RelativeCell(*effect, fewest)};
  if (pair.in_study) row.push_back(PercentCell(StudyFixChange(figure.metric)));
  return row;
}

// Whether tokens are the same with and without the fix, in every run.
std::string TokensText(const StudyContext& context, const FixPair& pair) {
  if (context.scenario.scenario.sampler != kSamplers[0]) return "sampled";
  const TokenAgreement agreement =
      CompareTokens(*GoodRunsOf(context, pair.without).front(), GoodRunsOf(context, pair.with));
  if (!agreement.equal) {
    return fmt::format("differ: generation {}, token {}", agreement.generation + 1,
                       agreement.position + 1);
  }
  return fmt::format("equal ({})", agreement.compared);
}

void AddImpact(const StudyContext& context, const FixPair& pair, ReportBlocks& blocks) {
  ReportTable table{{"figure", BackendTitle(pair.without), BackendTitle(pair.with),
                     WideOnly("difference"), "change"},
                    {}};
  if (pair.in_study) table.columns.emplace_back("in the study");
  const auto add = [&](std::vector<ReportCell> row) {
    row.resize(table.columns.size());
    table.rows.push_back(std::move(row));
  };
  for (const ImpactFigure& figure : kFigures) {
    std::vector<ReportCell> row = FigureRow(context, pair, figure);
    if (!row.empty()) table.rows.push_back(std::move(row));
  }
  const double weights = static_cast<double>(context.scenario.model.weights_bytes);
  const auto of_weights = [&](std::string_view row) {
    const double growth = FindRow(context.rows, row)->summary.growth_bytes.median;
    return ReportFigure{.value = growth / weights, .digits = 2, .unit = " ×"};
  };
  if (weights > 0) {
    add({"added ÷ weights", of_weights(pair.without), of_weights(pair.with)});
  }
  add({"tokens", "", TokensText(context, pair)});
  blocks.emplace_back(ReportParagraph{std::string(pair.what)});
  blocks.emplace_back(std::move(table));
}

// The first report among the row's runs; nullptr if the row was not trimmed.
const TrimReport* TrimOf(const StudyContext& context, std::string_view row) {
  for (const RunRecord* run : GoodRunsOf(context, row)) {
    if (run->outcome.trim) return &*run->outcome.trim;
  }
  return nullptr;
}

void AddAsides(const std::string& row, const TrimReport& trim, ReportList& list) {
  const auto add = [&](std::string_view what, const std::vector<std::string>& reasons) {
    for (const std::string& reason : reasons) {
      list.items.push_back(fmt::format("{}: {}: {}", BackendTitle(row), what, reason));
    }
  };
  add("the hook stepped aside", trim.hook.aside);
  add("compiled unmodified", trim.hook.refused);
  add("constants stayed in the heap", trim.hook.unparked);
  add("lean loading stepped aside", trim.lean.aside);
  for (const auto& [reason, count] : trim.hook.untouched) {
    list.items.push_back(
        fmt::format("{}: compiled unmodified: {}: {}", BackendTitle(row), count, reason));
  }
}

// Renames an equation's labels in order of appearance, so that two spellings of one product are
// equal.
std::string Canonical(std::string_view equation) {
  std::map<char, char> names;
  std::string text;
  for (const char c : equation) {
    const bool is_label = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (c == ' ') continue;
    if (is_label) names.try_emplace(c, static_cast<char>('A' + names.size()));
    text += is_label ? names[c] : c;
  }
  return text;
}

ReportCell PlaceOf(const StudyContext& context, std::string_view equation) {
  std::string places;
  for (const EinsumKind& kind : context.scenario.model.einsums) {
    if (Canonical(kind.equation) != Canonical(equation)) continue;
    places += (places.empty() ? "" : ", ") + kind.place;
  }
  if (places.empty()) return ReportUnknown{};
  return places;
}

ReportTable HookEinsums(const StudyContext& context) {
  ReportTable table{
      {"backend", "equation", "what it computes", WideOnly("operands"), "count", "rewritten"}, {}};
  for (const RankedRow& row : context.rows) {
    const TrimReport* trim = TrimOf(context, row.summary.row);
    if (trim == nullptr) continue;
    for (const HookReport::Einsum& einsum : trim->hook.einsums) {
      table.rows.push_back({BackendTitle(row.summary.row), einsum.equation,
                            PlaceOf(context, einsum.equation), einsum.operands,
                            CountCell(einsum.count),
                            einsum.left_because.empty() ? "yes" : "no: " + einsum.left_because});
    }
  }
  return table;
}

}  // namespace

std::optional<Effect> FixEffect(const StudyContext& context, const FixPair& pair,
                                std::string_view metric) {
  return PairedEffectOf(Measure(GoodRunsOf(context, pair.without), context.scenario, metric),
                        Measure(GoodRunsOf(context, pair.with), context.scenario, metric));
}

ReportCell RelativeCell(const Effect& effect, size_t fewest_runs) {
  if (!effect.relative) return ReportUnknown{};
  ReportFigure number = ChangeCell(*effect.relative, effect.relative_interval, fewest_runs, 100, 1);
  number.unit = " %";
  return number;
}

ReportBlocks FixImpact(const StudyContext& context) {
  ReportBlocks blocks;
  std::string_view section;
  for (const FixPair& pair : FixPairs()) {
    if (FindRow(context.rows, pair.without) == nullptr) continue;
    if (FindRow(context.rows, pair.with) == nullptr) continue;
    if (pair.section != section) {
      blocks.emplace_back(ReportHeading{std::string(pair.section), 2});
    }
    section = pair.section;
    AddImpact(context, pair, blocks);
  }
  return blocks;
}

ReportBlocks TrimSection(const StudyContext& context) {
  ReportTable done{{"backend",
                    "einsums rewritten",
                    "unchanged",
                    {"moved to disk", "MiB"},
                    {"already in the model file", "MiB"},
                    {"freed memory given back", "MiB"},
                    {"weights mapped", "MiB"},
                    {"copied", "MiB"},
                    {"random initialisation skipped", "MiB"}},
                   {}};
  ReportList asides;
  for (const RankedRow& row : context.rows) {
    const TrimReport* trim = TrimOf(context, row.summary.row);
    if (trim == nullptr) continue;
    const auto mib = [](uint64_t bytes) { return PlainMibCell(static_cast<double>(bytes)); };
    const HookReport& hook = trim->hook;
    const LeanReport& lean = trim->lean;
    done.rows.push_back({BackendTitle(row.summary.row), CountCell(hook.rewritten()),
                         CountCell(hook.left()), mib(hook.parked_bytes),
                         mib(hook.file_backed_bytes), mib(hook.slack_bytes), mib(lean.shared_bytes),
                         mib(lean.copied_bytes), mib(lean.untouched_bytes)});
    AddAsides(row.summary.row, *trim, asides);
  }
  if (done.rows.empty()) return {};
  ReportBlocks blocks = {
      ReportHeading{"What tare run did", 2},
      ReportParagraph{
          "Constants that OpenVINO had read were dropped from memory: they were moved to disk, or "
          "were already in the model file. Keras's variables were mapped or copied, and their "
          "random "
          "initialisation was skipped."},
      std::move(done)};
  if (!asides.items.empty()) blocks.emplace_back(std::move(asides));
  if (ReportTable einsums = HookEinsums(context); !einsums.rows.empty()) {
    blocks.emplace_back(ReportHeading{"Einsums that the hook met", 3});
    blocks.emplace_back(std::move(einsums));
  }
  return blocks;
}

}  // namespace tare
