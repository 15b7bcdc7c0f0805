#include "bench/report/compare.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "base/check.h"
#include "base/count_text.h"
#include "bench/results/identity.h"

namespace tare {
namespace {

constexpr std::string_view kDefaultMetrics[] = {"peak_rss_bytes",
                                                "growth_bytes",
                                                "tare_bytes",
                                                "load_ns",
                                                "cold_start_ns",
                                                "ttft_ns",
                                                "prefill_tokens_per_second",
                                                "decode_tokens_per_second"};

std::string FailureOf(const RowRuns& row) {
  return row.failed == nullptr ? "" : row.failed->outcome.failure->reason;
}

bool IsCompared(const std::optional<QualityRecord>& quality) {
  return quality && quality->error.empty();
}

// A compared pair of scenarios, by index.
struct Pair {
  size_t base = 0;
  size_t now = 0;
};

class Comparer {
 public:
  Comparer(const Document& base, const Document& now, const CompareOptions& options)
      : base_(base),
        now_(now),
        metrics_(options.metrics.empty() ? DefaultMetrics() : options.metrics),
        named_(!options.metrics.empty()),
        allowed_(options.allowed) {}

  Result<Comparison> Go() {
    out_.base = NameOf(base_);
    out_.now = NameOf(now_);
    TARE_RETURN_IF_ERROR(
        Allow("machine", MachineDifference(base_.session.machine, now_.session.machine)));
    TARE_ASSIGN_OR_RETURN(const std::vector<Pair> pairs, PairScenarios());
    NoteCircumstances();
    for (const Pair& pair : pairs) CompareScenario(pair);
    return std::move(out_);
  }

 private:
  static std::string NameOf(const Document& document) {
    const Session& session = document.session;
    const std::string id = session.id == 0 ? "" : fmt::format("session {}, ", session.id);
    return fmt::format("{}{}, tare {}{}{}", id, session.started_at, session.tare_version,
                       session.commit.empty() ? "" : " " + session.commit,
                       document.interrupted ? ", INTERRUPTED: partial" : "");
  }

  Status Allow(const std::string& kind, const std::string& difference) {
    if (difference.empty()) return {};
    if (!allowed_.contains(kind)) {
      return InvalidInput(
          "these sessions cannot be compared, the {} differs: {}; to compare them anyway, add "
          "--allow-different {}",
          kind, difference, kind);
    }
    Note(fmt::format("different {}: {}", kind, difference));
    return {};
  }

  void Note(std::string note) {
    if (std::ranges::count(out_.notes, note) == 0) out_.notes.push_back(std::move(note));
  }

  bool Equal(size_t base, size_t now) const {
    return ModelDifference(base_.scenarios[base], now_.scenarios[now]).empty() &&
           WorkloadDifference(base_.scenarios[base].scenario, now_.scenarios[now].scenario).empty();
  }

  // Pairs equal scenarios. If there are none, pairs scenarios by position if the user allows it.
  Result<std::vector<Pair>> PairScenarios() {
    std::vector<Pair> pairs;
    for (size_t i = 0; i < base_.scenarios.size(); ++i) {
      for (size_t k = 0; k < now_.scenarios.size(); ++k) {
        if (Equal(i, k)) pairs.push_back({i, k});
      }
    }
    const size_t shorter = std::min(base_.scenarios.size(), now_.scenarios.size());
    if (shorter == 0) return InvalidInput("a session without scenarios cannot be compared");
    if (!pairs.empty()) {
      const size_t unpaired = base_.scenarios.size() + now_.scenarios.size() - 2 * pairs.size();
      if (unpaired > 0) {
        Note(fmt::format("{} {} on one side only", CountText(unpaired, "scenario"),
                         unpaired == 1 ? "is" : "are"));
      }
      return pairs;
    }
    for (size_t i = 0; i < shorter; ++i) {
      const ScenarioRecord& base = base_.scenarios[i];
      const ScenarioRecord& now = now_.scenarios[i];
      TARE_RETURN_IF_ERROR(Allow("model", ModelDifference(base, now)));
      TARE_RETURN_IF_ERROR(Allow("workload", WorkloadDifference(base.scenario, now.scenario)));
      pairs.push_back({i, i});
    }
    return pairs;
  }

  // Notes differences that do not prevent a comparison and may be its purpose.
  void NoteCircumstances() {
    const MachineFacts& base = base_.session.machine;
    const MachineFacts& now = now_.session.machine;
    const auto note = [&](std::string_view what, const std::string& a, const std::string& b) {
      if (a != b) Note(fmt::format("{}: {} → {}", what, a, b));
    };
    note("kernel", base.kernel, now.kernel);
    note("governor", base.governor, now.governor);
    note("transparent huge pages", base.transparent_hugepages, now.transparent_hugepages);
    note("tare", base_.session.tare_version + " " + base_.session.commit,
         now_.session.tare_version + " " + now_.session.commit);
  }

  void NoteVersions(const std::string& row, const Runs& base, const Runs& now) {
    if (base.empty() || now.empty()) return;
    std::map<std::string, std::string> before, after;
    if (base.front()->outcome.hello) before = base.front()->outcome.hello->versions;
    if (now.front()->outcome.hello) after = now.front()->outcome.hello->versions;
    for (const auto& [name, version] : after) {
      const auto entry = before.find(name);
      if (entry == before.end() || entry->second == version) continue;
      Note(fmt::format("{}: {} {} → {}", row, name, entry->second, version));
    }
  }

  void CompareScenario(const Pair& pair) {
    const ScenarioRecord& base = base_.scenarios[pair.base];
    ScenarioComparison scenario;
    scenario.name = fmt::format(
        "{} · {} · {}", std::filesystem::path(base.scenario.model).filename().string(),
        WorkloadName(base.scenario.workload), CountText(base.scenario.threads, "thread"));
    const RunsByRow base_rows = RunsOfScenario(base_, pair.base);
    const RunsByRow now_rows = RunsOfScenario(now_, pair.now);
    for (const std::string& row : base_.session.rows) {
      if (std::ranges::count(now_.session.rows, row) == 0) {
        Note(fmt::format("{} is on one side only", row));
        continue;
      }
      scenario.rows.push_back(
          CompareRow(pair, row, RunsOfRow(base_rows, row), RunsOfRow(now_rows, row)));
    }
    out_.scenarios.push_back(std::move(scenario));
  }

  // Says so if a requested figure cannot be compared: it must not look like an unchanged one.
  void NoteUnknown(const std::string& row, const Metric& metric, bool in_base, bool in_new) {
    Note(fmt::format("{}: {} is not known in {}", row, metric.name,
                     in_base && in_new ? "either session"
                     : in_base         ? "the base"
                                       : "the new session"));
  }

  static void CompareQuality(const RowRuns& base, const RowRuns& now, RowComparison& row) {
    std::optional<QualityRecord> before = QualityOf(base.all);
    std::optional<QualityRecord> after = QualityOf(now.all);
    if (!IsCompared(before) || !IsCompared(after)) return;
    row.base_quality = std::move(before);
    row.now_quality = std::move(after);
  }

  RowComparison CompareRow(const Pair& pair, const std::string& name, const RowRuns& base,
                           const RowRuns& now) {
    const ScenarioRecord& base_scenario = base_.scenarios[pair.base];
    const ScenarioRecord& now_scenario = now_.scenarios[pair.now];
    RowComparison row;
    row.row = name;
    row.base_runs = base.good.size();
    row.now_runs = now.good.size();
    row.base_failure = FailureOf(base);
    row.now_failure = FailureOf(now);
    CompareQuality(base, now, row);
    NoteVersions(name, base.good, now.good);
    const bool greedy = base_scenario.scenario.sampler == kSamplers[0] &&
                        now_scenario.scenario.sampler == kSamplers[0];
    if (!base.good.empty() && !now.good.empty() && greedy) {
      row.tokens = CompareTokens(*base.good.front(), *now.good.front());
    }
    for (const Metric* metric : metrics_) {
      const std::vector<Measured> before = Measure(base.good, base_scenario, *metric);
      const std::vector<Measured> after = Measure(now.good, now_scenario, *metric);
      if (before.empty() || after.empty()) {
        const bool has_runs = !base.good.empty() && !now.good.empty();
        if (named_ && has_runs) NoteUnknown(name, *metric, before.empty(), after.empty());
        continue;
      }
      row.metrics.push_back({metric, *SpreadOf(before), *SpreadOf(after),
                             EffectOf(Values(before), Values(after)),
                             MannWhitney(Values(after), Values(before))});
    }
    return row;
  }

  const Document& base_;
  const Document& now_;
  const std::vector<const Metric*> metrics_;
  const bool named_;  // the user asked for these metrics
  const std::set<std::string>& allowed_;
  Comparison out_;
};

Status CheckRuns(const RowComparison& row) {
  const size_t fewest = std::min(row.base_runs, row.now_runs);
  if (fewest >= kFewestForVerdict) return {};
  return InvalidInput(
      "{}: {} in the base and {} in the new session; a verdict needs at least {} on each "
      "side; try: tare bench -r {}",
      row.row, CountText(row.base_runs, "run"), row.now_runs, kFewestForVerdict, kFewestForVerdict);
}

}  // namespace

std::vector<const Metric*> DefaultMetrics() {
  std::vector<const Metric*> metrics;
  for (const std::string_view name : kDefaultMetrics) {
    const Result<const Metric*> metric = FindMetric(name);
    TARE_CHECK(metric.ok());
    metrics.push_back(*metric);
  }
  return metrics;
}

std::optional<double> MetricComparison::worse_by() const {
  if (!effect.relative) return std::nullopt;
  return metric->better == Better::kLower ? *effect.relative : -*effect.relative;
}

Result<Comparison> Compare(const Document& base, const Document& now,
                           const CompareOptions& options) {
  return Comparer(base, now, options).Go();
}

Result<std::vector<std::string>> Regressions(const Comparison& comparison, double threshold) {
  std::vector<std::string> lines;
  for (const ScenarioComparison& scenario : comparison.scenarios) {
    for (const RowComparison& row : scenario.rows) {
      if (row.base_runs > 0 && row.now_runs == 0 && !row.now_failure.empty()) {
        lines.push_back(fmt::format("{}: {}: had results and now fails: {}", scenario.name, row.row,
                                    row.now_failure));
        continue;
      }
      if (row.base_runs == 0 && !row.base_failure.empty()) continue;  // cannot become worse
      TARE_RETURN_IF_ERROR(CheckRuns(row));
      for (const MetricComparison& one : row.metrics) {
        const std::optional<double> worse = one.worse_by();
        if (!worse) {
          return InvalidInput(
              "{}: {} is not above 0 in all runs of the base: a change in percent "
              "has no meaning",
              row.row, one.metric->name);
        }
        if (!one.differs() || *worse <= threshold) continue;
        lines.push_back(fmt::format(
            "{}: {}: {} became worse by {:.1f} % (p = {:.4f}, n = {} and {})", scenario.name,
            row.row, one.metric->name, *worse * 100, one.test.p, one.base.count, one.now.count));
      }
    }
  }
  return lines;
}

}  // namespace tare
