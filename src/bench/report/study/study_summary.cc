// The beginning and end of the report: findings, configuration and rules.
#include <algorithm>
#include <functional>

#include "base/count_text.h"
#include "base/units.h"
#include "bench/report/study/study_sections.h"
#include "bench/results/row_order.h"

namespace tare {
namespace {

// "lowest peak RSS: A, 1362 MiB; next is B, 1557 MiB", or the rows within noise of A. Draws no
// conclusion from too few runs.
// Precondition: the ranking has at least two rows.
void AddBest(const std::vector<const RankedRow*>& ranking, std::string_view what,
             const std::function<std::string(const RowSummary&)>& figure,
             const std::function<const Spread&(const RowSummary&)>& spread, ReportList& list) {
  const auto shown = [&](const RankedRow& row) {
    return fmt::format("{}, {}{}", BackendTitle(row.summary.row), figure(row.summary),
                       row.note.empty() ? "" : fmt::format(" ({})", row.note));
  };
  const RankedRow& best = *ranking[0];
  std::string as_good;
  for (const RankedRow* row : ranking) {
    if (row == &best || !WithinNoise(spread(best.summary), spread(row->summary))) continue;
    as_good += (as_good.empty() ? "" : ", ") + BackendTitle(row->summary.row);
  }
  const RankedRow& next = *ranking[1];
  const bool told = ToldApart(spread(best.summary), spread(next.summary));
  const std::string others =
      as_good.empty()
          ? fmt::format("next is {}{}", shown(next), told ? "" : "; too few runs for a verdict")
          : "within noise: " + as_good;
  list.items.push_back(fmt::format("{}: {}; {}", what, shown(best), others));
}

void AddFixes(const StudyContext& context, ReportList& list) {
  for (const FixPair& pair : FixPairs()) {
    const RankedRow* without = FindRow(context.rows, pair.without);
    const RankedRow* with = FindRow(context.rows, pair.with);
    if (without == nullptr || with == nullptr) continue;
    const RowSummary& a = without->summary;
    const RowSummary& b = with->summary;
    const std::optional<Effect> effect = FixEffect(context, pair, "peak_rss_bytes");
    if (!effect || !effect->relative) continue;
    list.items.push_back(
        fmt::format("{} changes peak RSS from {} to {} MiB: {}", pair.what,
                    PlainMib(a.peak_rss_bytes.median), PlainMib(b.peak_rss_bytes.median),
                    CellText(RelativeCell(*effect, std::min(a.good_runs, b.good_runs)))));
  }
}

void AddOverhead(const StudyContext& context, ReportList& list) {
  const RankedRow* native = FindRow(context.rows, kNativeRow);
  if (native == nullptr || !native->summary.tare_bytes) return;
  std::string text = fmt::format("overhead of native over the weights it used: {:.1f} MiB",
                                 native->summary.tare_bytes->median / kMib);
  if (native->summary.share_of_limit) {
    const double share = native->summary.share_of_limit->median;
    text += fmt::format("; it decodes at {:.0f} % of memory bandwidth{}", share * 100,
                        share > 1 ? " (its weights stay in a cache, or it reads fewer bytes)" : "");
  }
  list.items.push_back(std::move(text));
}

void AddCritical(const StudyContext& context, ReportList& list) {
  for (const RankedRow& row : context.rows) {
    const double peak = row.summary.peak_rss_bytes.median;
    if (MemoryStatus(peak) != "critical") continue;
    list.items.push_back(
        fmt::format("{} peaks at {} MiB: critical", BackendTitle(row.summary.row), PlainMib(peak)));
  }
}

std::string DeviceName(const RankedRow& row) {
  return row.device.empty() ? "device unknown" : row.device;
}

}  // namespace

ReportBlocks ExecutiveSummary(const StudyContext& context) {
  ReportList list;
  const MemoryMeasure measure = RankedMemory(context.rows);
  const auto by_memory = ByMemory(context.rows);
  if (std::string alone = NothingToCompare(by_memory); !alone.empty()) {
    list.items.push_back(std::move(alone));
  } else if (!by_memory.empty()) {
    AddBest(
        by_memory, fmt::format("lowest {}", measure.name),
        [&](const RowSummary& row) { return WithRange(row.*measure.figure, 1 / kMib, 0) + " MiB"; },
        [&](const RowSummary& row) -> const Spread& { return row.*measure.figure; }, list);
    AddBest(
        BySpeed(context.rows), "highest speed",
        [](const RowSummary& row) { return WithRange(RankedSpeed(row), 1, 2) + " tokens/s"; },
        RankedSpeed, list);
  }
  AddOverhead(context, list);
  AddFixes(context, list);
  AddCritical(context, list);
  if (list.items.empty()) return {};
  return {ReportHeading{"Executive summary", 2}, std::move(list)};
}

ReportBlocks TestConfiguration(const StudyContext& context) {
  const Session& session = context.document.session;
  const ModelFacts& model = context.scenario.model;
  const MachineFacts& machine = session.machine;
  std::string command;
  for (const std::string& argument : session.command) {
    command += (command.empty() ? "" : " ") + argument;
  }
  ReportList list{{
      fmt::format("model: {}, {}, {:.1f} M parameters, {}, weights {} MiB", model.path,
                  model.family, static_cast<double>(model.parameters) * 1e-6, model.precision,
                  PlainMib(static_cast<double>(model.weights_bytes))),
      fmt::format("task: {}; {}; sampler {}", WorkloadName(context.scenario.scenario.workload),
                  CountText(context.scenario.scenario.threads, "thread"),
                  context.scenario.scenario.sampler),
      fmt::format("hardware: {}, {}, {:.1f} GiB; {}", machine.cpu_model,
                  CountText(machine.physical_cores, "core"),
                  static_cast<double>(machine.memory_bytes) / kGib, machine.kernel),
      fmt::format("runs: {} of each backend after {}, {}, each a fresh process", session.runs,
                  CountText(session.warmups, "warm-up"), RowOrderInWords(context.document)),
      fmt::format("tare {}, {}", session.tare_version, session.started_at),
      fmt::format("command: {}", command),
  }};
  if (machine.read_bytes_per_second > 0) {
    list.items.insert(list.items.begin() + 3,
                      fmt::format("read bandwidth: {:.1f} GB/s, measured in this session",
                                  static_cast<double>(machine.read_bytes_per_second) * 1e-9));
  }
  return {ReportHeading{"Test configuration", 2}, std::move(list)};
}

ReportBlocks StudyAppendix(const StudyContext& context) {
  ReportBlocks blocks = {
      ReportHeading{"Appendix", 2}, ReportHeading{"Classes", 3},
      ReportList{{"memory, of peak RSS: good < 1 GiB, acceptable < 3, high < 5, critical",
                  "speed: low < 1 token/s, moderate < 2, good < 3, excellent",
                  "a bound belongs to the class above it"}}};
  ReportTable classes{{"backend", "memory", "speed", {"study's", "words/s"}, "device", "versions"},
                      {}};
  for (const RankedRow& row : context.rows) {
    classes.rows.push_back(
        {BackendTitle(row.summary.row), std::string(MemoryClass(row.summary.peak_rss_bytes.median)),
         std::string(SpeedClass(row.summary.whole_tokens_per_second.median)),
         MedianCell(row.summary.study_words_per_second, 1, 2), DeviceName(row), row.versions});
  }
  if (!classes.rows.empty()) blocks.emplace_back(std::move(classes));
  ReportList rules;
  for (const StudyRule& rule : StudyRules()) {
    rules.items.push_back(fmt::format("{}: {}", rule.name, rule.text));
  }
  blocks.emplace_back(ReportHeading{"Rules", 3});
  blocks.emplace_back(std::move(rules));
  return blocks;
}

}  // namespace tare
