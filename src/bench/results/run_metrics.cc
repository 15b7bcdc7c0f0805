#include "bench/results/run_metrics.h"

#include <string>
#include <vector>

#include "base/check.h"
#include "base/closest_name.h"
#include "bench/results/study_words.h"

namespace tare {
namespace {

constexpr double kNsPerSecond = 1e9;

double Seconds(uint64_t ns) { return static_cast<double>(ns) / kNsPerSecond; }

const Generation& Nth(const RunRecord& run, size_t index) {
  return run.outcome.result->generations.at(index);
}

std::optional<double> Ttft(const Generation& g) {
  if (g.token_ns.empty()) return std::nullopt;
  return Seconds(g.token_ns.front());
}

// Time for the tokens after the first, observed or found by the worker in another way.
std::optional<uint64_t> DecodeNs(const Generation& g) {
  if (g.token_ns.size() < 2) return g.decode_ns;
  return g.token_ns.back() - g.token_ns.front();
}

std::optional<double> PrefillRate(const Generation& g) {
  std::optional<double> took = Ttft(g);
  if (!took && g.decode_ns) took = Seconds(g.total_ns - *g.decode_ns);
  if (!took || *took <= 0) return std::nullopt;
  return static_cast<double>(g.prompt_tokens) / *took;
}

std::optional<double> DecodeRate(const Generation& g) {
  const std::optional<uint64_t> took = DecodeNs(g);
  if (!took || *took == 0) return std::nullopt;
  return static_cast<double>(g.ids.size() - 1) / Seconds(*took);
}

double WholeRate(const Generation& g) {
  return g.total_ns == 0 ? 0 : static_cast<double>(g.ids.size()) / Seconds(g.total_ns);
}

double ColdStartSeconds(const RunRecord& run) {
  const Generation& first = Nth(run, 0);
  return Seconds(run.outcome.startup_ns + run.outcome.result->load_ns +
                 (first.token_ns.empty() ? first.total_ns : first.token_ns.front()));
}

double PeakBytes(const RunRecord& run) {
  return static_cast<double>(run.outcome.memory.peak_rss_low_bytes);
}

double GrowthBytes(const RunRecord& run) {
  return PeakBytes(run) - static_cast<double>(run.outcome.memory.stages.front().rss_bytes);
}

std::optional<double> DevicePeakBytes(const RunRecord& run) {
  const std::optional<DeviceMemory>& device = run.outcome.memory.device;
  if (!device || !device->peak_bytes) return std::nullopt;
  return static_cast<double>(*device->peak_bytes);
}

std::optional<double> TareBytes(const RunRecord& run, const ScenarioRecord& scenario) {
  const std::optional<double> mapped = MappedWeightBytes(run, scenario);
  if (!mapped) return std::nullopt;
  return PeakBytes(run) - *mapped;
}

// The study's "tokens/s": words of the prompt and the answer ÷ the whole time.
std::optional<double> WordRate(const RunRecord& run, const ScenarioRecord& scenario) {
  if (scenario.scenario.workload.kind != Workload::Kind::kStudy) return std::nullopt;
  const Generation& second = Nth(run, 1);
  if (scenario.asked.generations.size() < 2 || second.total_ns == 0) return std::nullopt;
  const std::string text = scenario.asked.generations[1].prompt.text + second.text;
  return static_cast<double>(StudyWords(text)) / Seconds(second.total_ns);
}

using Value = std::optional<double>;
using Run = RunRecord;
using Record = ScenarioRecord;

constexpr Metric kMetrics[] = {
    {"peak_rss_bytes", Better::kLower, MetricUnit::kBytes,
     [](const Run& run, const Record&) -> Value { return PeakBytes(run); }},
    {"growth_bytes", Better::kLower, MetricUnit::kBytes,
     [](const Run& run, const Record&) -> Value { return GrowthBytes(run); }},
    {"tare_bytes", Better::kLower, MetricUnit::kBytes,
     [](const Run& run, const Record& scenario) { return TareBytes(run, scenario); }},
    {"device_peak_bytes", Better::kLower, MetricUnit::kBytes,
     [](const Run& run, const Record&) { return DevicePeakBytes(run); }},
    {"load_ns", Better::kLower, MetricUnit::kSeconds,
     [](const Run& run, const Record&) -> Value { return Seconds(run.outcome.result->load_ns); }},
    {"cold_start_ns", Better::kLower, MetricUnit::kSeconds,
     [](const Run& run, const Record&) -> Value { return ColdStartSeconds(run); }},
    {"first_generation_ns", Better::kLower, MetricUnit::kSeconds,
     [](const Run& run, const Record&) -> Value { return Seconds(Nth(run, 0).total_ns); }},
    {"second_generation_ns", Better::kLower, MetricUnit::kSeconds,
     [](const Run& run, const Record&) -> Value { return Seconds(Nth(run, 1).total_ns); }},
    {"first_ttft_ns", Better::kLower, MetricUnit::kSeconds,
     [](const Run& run, const Record&) { return Ttft(Nth(run, 0)); }},
    {"ttft_ns", Better::kLower, MetricUnit::kSeconds,
     [](const Run& run, const Record&) { return Ttft(Nth(run, 1)); }},
    {"prefill_tokens_per_second", Better::kHigher, MetricUnit::kPerSecond,
     [](const Run& run, const Record&) { return PrefillRate(Nth(run, 1)); }},
    {"decode_tokens_per_second", Better::kHigher, MetricUnit::kPerSecond,
     [](const Run& run, const Record&) { return DecodeRate(Nth(run, 1)); }},
    {"first_tokens_per_second", Better::kHigher, MetricUnit::kPerSecond,
     [](const Run& run, const Record&) -> Value { return WholeRate(Nth(run, 0)); }},
    {"whole_tokens_per_second", Better::kHigher, MetricUnit::kPerSecond,
     [](const Run& run, const Record&) -> Value { return WholeRate(Nth(run, 1)); }},
    {"study_words_per_second", Better::kHigher, MetricUnit::kPerSecond, WordRate},
};

}  // namespace

std::span<const Metric> AllMetrics() { return kMetrics; }

std::optional<double> MappedWeightBytes(const RunRecord& run, const ScenarioRecord& scenario) {
  constexpr double kNearlyAll = 0.99;  // the kernel may reclaim an idle page
  const std::optional<uint64_t>& untouched = run.outcome.weights_untouched_bytes;
  if (!untouched) return std::nullopt;
  const auto converted = scenario.converted.find(run.row);
  const bool other_weights = converted != scenario.converted.end() &&
                             converted->second.facts.weights_bytes != scenario.model.weights_bytes;
  if (other_weights) return std::nullopt;
  const double mapped =
      static_cast<double>(scenario.model.weights_bytes) - static_cast<double>(*untouched);
  const double read = static_cast<double>(scenario.model.bytes_read_per_token);
  return mapped >= kNearlyAll * read ? std::optional(mapped) : std::nullopt;
}

Result<const Metric*> FindMetric(std::string_view name) {
  std::vector<std::string_view> names;
  for (const Metric& metric : kMetrics) {
    if (metric.name == name) return &metric;
    names.push_back(metric.name);
  }
  return InvalidInput("there is no metric \"{}\"; {}", name, NameAdvice(name, names));
}

std::vector<Measured> Measure(const Runs& runs, const ScenarioRecord& scenario,
                              const Metric& metric) {
  std::vector<Measured> measured;
  for (const RunRecord* run : runs) {
    const std::optional<double> value = metric.of(*run, scenario);
    if (value) measured.push_back({*value, run->round});
  }
  return measured;
}

std::vector<Measured> Measure(const Runs& runs, const ScenarioRecord& scenario,
                              std::string_view metric) {
  const Result<const Metric*> found = FindMetric(metric);
  TARE_CHECK(found.ok());
  return Measure(runs, scenario, **found);
}

}  // namespace tare
