#include "bench/report/ranking.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

#include "base/count_text.h"
#include "bench/report/cells.h"
#include "bench/results/row_runs.h"
#include "bench/rows/backends.h"

namespace tare {
namespace {

std::string JoinVersions(const HelloMessage& hello) {
  std::string text;
  for (const auto& [package, version] : hello.versions) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", package, version);
  }
  return text;
}

void Describe(const HelloMessage& hello, RankedRow& row) {
  row.device = hello.device;
  row.versions = JoinVersions(hello);
  row.interpreted = hello.versions.contains("python");
}

std::string TokensNote(const RowSummary& row, const std::string& reference) {
  if (!row.tokens.differ()) return "";
  return fmt::format("tokens differ from {}'s at generation {}, token {}", reference,
                     row.tokens.generation + 1, row.tokens.position + 1);
}

std::string WhyUnranked(const RowSummary& row, bool same_tokens, const std::string& reference) {
  if (row.failed) return "a run failed: " + ReasonText(row.failed->outcome.failure->reason);
  std::string why;
  if (row.cut_short) {
    why = fmt::format("generation {} made {} of {}", row.cut_short->generation + 1,
                      row.cut_short->made, CountText(row.cut_short->asked, "token"));
  }
  if (same_tokens && row.tokens.differ()) {
    why += fmt::format("{}{}", why.empty() ? "" : "; ", TokensNote(row, reference));
  }
  return why;
}

template <typename Key>
std::vector<const RankedRow*> Ranked(std::span<const RankedRow> rows, Key key) {
  std::vector<const RankedRow*> ranked;
  for (const RankedRow& row : rows) {
    if (row.unranked_by.empty()) ranked.push_back(&row);
  }
  std::ranges::stable_sort(ranked, {}, [&](const RankedRow* row) { return key(row->summary); });
  return ranked;
}

double PeakOf(const RowSummary& row) { return row.peak_rss_bytes.median; }

}  // namespace

std::vector<RankedRow> RowsToRank(const Document& document, size_t scenario,
                                  std::span<const RowSummary> summaries,
                                  const RankingOptions& options) {
  const ScenarioRecord& record = document.scenarios.at(scenario);
  const RunsByRow by_row = RunsOfScenario(document, scenario);
  const NeedsByRow needs = MeasuredNeeds(document, scenario, options.others);
  const std::string& reference = document.session.reference_row;
  std::vector<RankedRow> rows;
  for (const RowSummary& summary : summaries) {
    if (summary.good_runs == 0) continue;
    RankedRow row;
    for (const RunRecord* run : RunsOfRow(by_row, summary.row).all) {
      if (run->outcome.hello && row.device.empty()) Describe(*run->outcome.hello, row);
    }
    if (const auto need = needs.find(summary.row); need != needs.end()) row.need = need->second;
    const auto converted = record.converted.find(summary.row);
    const ModelFacts& given =
        converted == record.converted.end() ? record.model : converted->second.facts;
    row.weights_bytes = static_cast<double>(given.weights_bytes);
    row.on_gpu = RunsOnGpu(summary);
    row.note = TokensNote(summary, reference);
    row.unranked_by = WhyUnranked(summary, options.same_tokens, reference);
    row.summary = summary;
    rows.push_back(std::move(row));
  }
  return rows;
}

bool RunsOnGpu(const RowSummary& row) {
  if (row.device == kDevices[1]) return true;
  const Result<const Backend*> backend = FindBackend(row.row);
  return backend.ok() && (*backend)->gpu != GpuKind::kNone;
}

const Spread& RankedSpeed(const RowSummary& row) { return row.whole_tokens_per_second; }

bool ToldApart(const Spread& a, const Spread& b) {
  if (!a.interval || !b.interval) return false;
  return a.interval->high < b.interval->low || b.interval->high < a.interval->low;
}

bool WithinNoise(const Spread& a, const Spread& b) {
  return a.interval && b.interval && !ToldApart(a, b);
}

MemoryMeasure RankedMemory(std::span<const RankedRow> rows) {
  MemoryMeasure measure{"peak RSS", &RowSummary::peak_rss_bytes, {}};
  for (const RankedRow& row : rows) {
    if (!row.interpreted || !row.unranked_by.empty()) continue;
    measure.because.push_back(BackendTitle(row.summary.row));
  }
  if (measure.because.empty()) return measure;
  return {"memory added after start-up", &RowSummary::growth_bytes, std::move(measure.because)};
}

std::string WhyGrowth(const MemoryMeasure& measure) {
  if (measure.because.empty()) return "";
  return fmt::format("{} run{} in Python, whose interpreter and imports are left out",
                     fmt::join(measure.because, ", "), measure.because.size() == 1 ? "s" : "");
}

std::vector<const RankedRow*> ByMemory(std::span<const RankedRow> rows) {
  const MemoryMeasure measure = RankedMemory(rows);
  return Ranked(rows, [&](const RowSummary& row) { return (row.*measure.figure).median; });
}

double NeededBytes(const RankedRow& row) {
  constexpr double kHeadroom = 1.1;
  if (row.need.required_bytes) return static_cast<double>(*row.need.required_bytes);
  // It needs more than the limit that stopped it, by an unknown amount.
  return std::max(PeakOf(row.summary) * kHeadroom,
                  static_cast<double>(row.need.too_small_bytes) + 1);
}

std::string NothingToCompare(std::span<const RankedRow* const> ranked) {
  if (ranked.size() != 1) return "";
  return fmt::format("{} is the only ranked backend: there is nothing to compare it with",
                     BackendTitle(ranked.front()->summary.row));
}

std::vector<const RankedRow*> ByPeak(std::span<const RankedRow> rows) {
  return Ranked(rows, PeakOf);
}

std::vector<const RankedRow*> ByNeed(std::span<const RankedRow> rows) {
  std::vector<const RankedRow*> ranked = ByPeak(rows);
  std::ranges::stable_sort(ranked, {}, [](const RankedRow* row) { return NeededBytes(*row); });
  return ranked;
}

std::vector<const RankedRow*> BySpeed(std::span<const RankedRow> rows) {
  return Ranked(rows, [](const RowSummary& row) { return -RankedSpeed(row).median; });
}

std::vector<const RankedRow*> ByDecodeSpeed(std::span<const RankedRow> rows) {
  std::vector<const RankedRow*> ranked = Ranked(rows, [](const RowSummary& row) {
    return row.decode_tokens_per_second ? -row.decode_tokens_per_second->median : 0;
  });
  std::erase_if(ranked,
                [](const RankedRow* row) { return !row->summary.decode_tokens_per_second; });
  return ranked;
}

std::vector<const RankedRow*> ByBalance(std::span<const RankedRow> rows) {
  double smallest_peak = 0;
  double highest_speed = 0;
  for (const RankedRow* row : ByPeak(rows)) {
    const double peak = PeakOf(row->summary);
    smallest_peak = smallest_peak == 0 ? peak : std::min(smallest_peak, peak);
    highest_speed = std::max(highest_speed, RankedSpeed(row->summary).median);
  }
  return Ranked(rows, [&](const RowSummary& row) {
    return PeakOf(row) / smallest_peak + highest_speed / RankedSpeed(row).median;
  });
}

}  // namespace tare
