#include "bench/report/study_rules.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/count_text.h"
#include "bench/report/health.h"
#include "bench/results/row_runs.h"

namespace tare {
namespace {

constexpr StudyRule kRules[] = {
    {"R1",
     "Speed is ranked by new tokens of the second generation over its whole time, prompt included, "
     "which every row can be asked, and decode speed apart; memory by the median of peak RSS where "
     "no "
     "ranked row runs in an interpreter, else by that of the peak over stage 0, which leaves out "
     "what an interpreter and its imports hold."},
    {"R2",
     "Efficiency: 5 stars where the peak over stage 0 is at most 1.25 × the weights, 4 up to 1.75 "
     "×, "
     "3 up to 2.25 ×, 2 up to 3 ×, else 1."},
    {"R3",
     "Memory status, of peak RSS: ok below 3 GiB, high below 5 GiB, critical from there on (the "
     "study's classes)."},
    {"R4",
     "One row is said to be better than another only where their 95 % intervals do not overlap; "
     "otherwise they are not told apart."},
    {"R5",
     "Balance: the smallest sum of peak over the smallest peak and highest speed over speed."},
    {"R6",
     "A row that made fewer tokens than asked, or of which a run failed, is in no ranking."
     " One whose greedy tokens differ from the native row's is ranked with a note; "
     "--same-tokens leaves it out."},
    {"R7",
     "A row has room for a further copy of the weights for every whole multiple of them "
     "that its peak over stage 0 exceeds one copy and the KV cache by, in f32 and of the "
     "longest generation. What lies there was not looked at. Where the size of the cache "
     "is not known, no copies are counted."},
    {"R8",
     "What a machine must hold of a row is the smallest limit that was measured for it "
     "(required_bytes), in this session or in the latest one in the store of the same "
     "machine, model and workload. Where none was, its peak RSS and a tenth more stand in "
     "for it, and the report says so: mapped files can make the limit larger than that. No"
     " row fits a limit that stopped it."},
    {"R9",
     "A change from without to with a fix is the median, over the rounds in which both rows ran "
     "one "
     "after the other, of with over without, minus one; the difference is the median of the "
     "rounds' "
     "differences. Both have 95 % bootstrap intervals over the rounds; where one spans zero, no "
     "change is shown."},
};

constexpr char kFixSection[] = "Impact of the OpenVINO fix";
constexpr char kLeanSection[] = "Impact of lean loading";
constexpr FixPair kFixPairs[] = {
    {kFixSection, "keras-openvino-2025.2", "keras-openvino",
     "upstream's einsum fix (2025.2.0 without, 2026.4.1 with; Keras and KerasHub differ too)",
     true},
    {kFixSection, "keras-openvino-2025.2", "keras-openvino-2025.2+tare",
     "tare run on OpenVINO 2025.2.0"},
    {kFixSection, "keras-openvino", "keras-openvino+tare", "tare run on OpenVINO 2026.4.1"},
    {kLeanSection, "keras-torch", "keras-torch+tare", "lean loading on PyTorch"},
    {kLeanSection, "keras-jax", "keras-jax+tare", "lean loading on JAX"},
    {kLeanSection, "keras-tensorflow", "keras-tensorflow+tare", "lean loading on TensorFlow"},
};

std::string JoinVersions(const HelloMessage& hello) {
  std::string text;
  for (const auto& [package, version] : hello.versions) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", package, version);
  }
  return text;
}

void Describe(const HelloMessage& hello, StudyRow& row) {
  row.device = hello.device;
  row.versions = JoinVersions(hello);
  row.interpreted = hello.versions.contains("python");
}

std::string TokensNote(const RowSummary& row) {
  if (!row.tokens.differ()) return "";
  return fmt::format("tokens differ from native's at generation {}, token {}",
                     row.tokens.generation + 1, row.tokens.position + 1);
}

std::string WhyUnranked(const RowSummary& row, bool same_tokens) {
  if (row.failed) return "a run failed: " + row.failed->outcome.failure->reason;
  std::string why;
  if (row.cut_short) {
    why = fmt::format("generation {} made {} of {}", row.cut_short->generation + 1,
                      row.cut_short->made, CountText(row.cut_short->asked, "token"));
  }
  if (same_tokens && row.tokens.differ()) {
    why += fmt::format("{}{}", why.empty() ? "" : "; ", TokensNote(row));
  }
  return why;
}

// The most positions that a generation takes.
uint64_t LongestGeneration(const ScenarioRecord& scenario) {
  uint64_t longest = 0;
  for (const GenerationRequest& request : scenario.asked.generations) {
    longest = std::max(longest, request.prompt.ids.size() + request.new_tokens);
  }
  return longest;
}

template <typename Key>
std::vector<const StudyRow*> Ranked(std::span<const StudyRow> rows, Key key) {
  std::vector<const StudyRow*> ranked;
  for (const StudyRow& row : rows) {
    if (row.unranked_by.empty()) ranked.push_back(&row);
  }
  std::ranges::stable_sort(ranked, {}, [&](const StudyRow* row) { return key(row->summary); });
  return ranked;
}

double PeakOf(const RowSummary& row) { return row.peak_rss_bytes.median; }

}  // namespace

std::span<const StudyRule> StudyRules() { return kRules; }
std::span<const FixPair> FixPairs() { return kFixPairs; }

std::vector<StudyRow> StudyRowsOf(const Document& document, size_t scenario,
                                  std::span<const RowSummary> summaries,
                                  const RankingOptions& options) {
  const ScenarioRecord& record = document.scenarios.at(scenario);
  const RunsByRow by_row = RunsOfScenario(document, scenario);
  const NeedsByRow needs = MeasuredNeeds(document, scenario, options.others);
  std::vector<StudyRow> rows;
  for (const RowSummary& summary : summaries) {
    if (summary.good_runs == 0) continue;
    StudyRow row;
    for (const RunRecord* run : RunsOfRow(by_row, summary.row).all) {
      if (run->outcome.hello && row.device.empty()) Describe(*run->outcome.hello, row);
    }
    if (const auto need = needs.find(summary.row); need != needs.end()) row.need = need->second;
    const auto converted = record.converted.find(summary.row);
    const ModelFacts& given =
        converted == record.converted.end() ? record.model : converted->second.facts;
    row.weights_bytes = static_cast<double>(given.weights_bytes);
    row.gpu = IsGpuRow(summary.row);
    row.note = TokensNote(summary);
    row.unranked_by = WhyUnranked(summary, options.same_tokens);
    row.summary = summary;
    rows.push_back(std::move(row));
  }
  return rows;
}

const Spread& RankedSpeed(const RowSummary& row) { return row.whole_tokens_per_second; }

int EfficiencyStars(double growth_bytes, double weights_bytes) {
  const double bounds[] = {1.25, 1.75, 2.25, 3};
  int stars = 5;
  for (const double bound : bounds) {
    if (growth_bytes <= bound * weights_bytes) return stars;
    --stars;
  }
  return stars;
}

std::string_view MemoryStatus(double peak_rss_bytes) {
  const std::string_view memory = MemoryClass(peak_rss_bytes);
  return memory == "high" || memory == "critical" ? memory : "ok";
}

bool ToldApart(const Spread& a, const Spread& b) {
  if (!a.interval || !b.interval) return false;
  return a.interval->high < b.interval->low || b.interval->high < a.interval->low;
}

MemoryMeasure RankedMemory(std::span<const StudyRow> rows) {
  MemoryMeasure measure{"peak RSS", &RowSummary::peak_rss_bytes, {}};
  for (const StudyRow& row : rows) {
    if (row.interpreted && row.unranked_by.empty()) measure.because.push_back(row.summary.row);
  }
  if (measure.because.empty()) return measure;
  return {"peak over stage 0", &RowSummary::growth_bytes, std::move(measure.because)};
}

std::string WhyGrowth(const MemoryMeasure& measure) {
  if (measure.because.empty()) return "";
  return fmt::format("interpreters and their imports are not ranked; {} run{} in one",
                     fmt::join(measure.because, ", "), measure.because.size() == 1 ? "s" : "");
}

std::vector<const StudyRow*> ByMemory(std::span<const StudyRow> rows) {
  const MemoryMeasure measure = RankedMemory(rows);
  return Ranked(rows, [&](const RowSummary& row) { return (row.*measure.figure).median; });
}

Room RoomOf(const StudyRow& row, const ScenarioRecord& scenario) {
  Room room;
  room.cache_bytes =
      static_cast<double>(scenario.model.cache_bytes_per_token * LongestGeneration(scenario));
  room.bytes = row.summary.growth_bytes.median - row.weights_bytes - room.cache_bytes;
  if (room.cache_bytes > 0 && row.weights_bytes > 0) {
    room.copies = static_cast<int>(std::max(0.0, std::floor(room.bytes / row.weights_bytes)));
  }
  return room;
}

double NeededBytes(const StudyRow& row) {
  constexpr double kHeadroom = 1.1;
  if (row.need.required_bytes) return static_cast<double>(*row.need.required_bytes);
  // More than the limit that stopped it, by an unknown amount.
  return std::max(PeakOf(row.summary) * kHeadroom,
                  static_cast<double>(row.need.too_small_bytes) + 1);
}

std::string NothingToCompare(std::span<const StudyRow* const> ranked) {
  if (ranked.size() != 1) return "";
  return fmt::format("{} is the only ranked row: there is nothing to compare it with",
                     ranked.front()->summary.row);
}

std::vector<const StudyRow*> ByPeak(std::span<const StudyRow> rows) { return Ranked(rows, PeakOf); }

std::vector<const StudyRow*> ByNeed(std::span<const StudyRow> rows) {
  std::vector<const StudyRow*> ranked = ByPeak(rows);
  std::ranges::stable_sort(ranked, {}, [](const StudyRow* row) { return NeededBytes(*row); });
  return ranked;
}

std::vector<const StudyRow*> BySpeed(std::span<const StudyRow> rows) {
  return Ranked(rows, [](const RowSummary& row) { return -RankedSpeed(row).median; });
}

std::vector<const StudyRow*> ByDecodeSpeed(std::span<const StudyRow> rows) {
  std::vector<const StudyRow*> ranked = Ranked(rows, [](const RowSummary& row) {
    return row.decode_tokens_per_second ? -row.decode_tokens_per_second->median : 0;
  });
  std::erase_if(ranked, [](const StudyRow* row) { return !row->summary.decode_tokens_per_second; });
  return ranked;
}

std::vector<const StudyRow*> ByBalance(std::span<const StudyRow> rows) {
  double smallest_peak = 0;
  double highest_speed = 0;
  for (const StudyRow* row : ByPeak(rows)) {
    const double peak = PeakOf(row->summary);
    smallest_peak = smallest_peak == 0 ? peak : std::min(smallest_peak, peak);
    highest_speed = std::max(highest_speed, RankedSpeed(row->summary).median);
  }
  return Ranked(rows, [&](const RowSummary& row) {
    return PeakOf(row) / smallest_peak + highest_speed / RankedSpeed(row).median;
  });
}

}  // namespace tare
