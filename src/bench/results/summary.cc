#include "bench/results/summary.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "base/check.h"

namespace tare {
namespace {

constexpr SummaryFigure kSummaryFigures[] = {
    {"peak_rss_bytes", &RowSummary::peak_rss_bytes},
    {"growth_bytes", &RowSummary::growth_bytes},
    {"tare_bytes", &RowSummary::tare_bytes},
    {"device_peak_bytes", &RowSummary::device_peak_bytes},
    {"load_ns", &RowSummary::load_seconds},
    {"cold_start_ns", &RowSummary::cold_start_seconds},
    {"first_generation_ns", &RowSummary::first_seconds},
    {"second_generation_ns", &RowSummary::second_seconds},
    {"first_ttft_ns", &RowSummary::first_ttft_seconds},
    {"ttft_ns", &RowSummary::ttft_seconds},
    {"prefill_tokens_per_second", &RowSummary::prefill_tokens_per_second},
    {"decode_tokens_per_second", &RowSummary::decode_tokens_per_second},
    {"first_tokens_per_second", &RowSummary::first_tokens_per_second},
    {"whole_tokens_per_second", &RowSummary::whole_tokens_per_second},
    {"study_words_per_second", &RowSummary::study_words_per_second},
};

std::optional<Spread> SharesOfLimit(const Runs& runs, const ScenarioRecord& scenario,
                                    uint64_t session_read_bytes_per_second) {
  std::vector<Measured> shares;
  for (const RunRecord* run : runs) {
    const std::vector<Measured> speed = Measure({run}, scenario, "decode_tokens_per_second");
    const double rate = run->conditions.ReadBytesPerSecond().value_or(
        static_cast<double>(session_read_bytes_per_second));
    if (speed.empty() || rate <= 0) continue;
    shares.push_back(
        {speed[0].value * static_cast<double>(scenario.model.bytes_read_per_token) / rate,
         run->round});
  }
  return SpreadOf(shares);
}

// Precondition: runs is not empty.
double MedianOver(const Runs& runs, const std::function<uint64_t(const RunRecord&)>& value) {
  std::vector<double> values;
  for (const RunRecord* run : runs) values.push_back(static_cast<double>(value(*run)));
  std::sort(values.begin(), values.end());
  return Quantile(values, 0.5);
}

std::optional<double> DeviceMedian(const Runs& runs, size_t stage) {
  std::vector<double> values;
  for (const RunRecord* run : runs) {
    const StageReading& reading = run->outcome.memory.stages.at(stage);
    if (reading.device_bytes) values.push_back(static_cast<double>(*reading.device_bytes));
  }
  if (values.empty()) return std::nullopt;
  std::sort(values.begin(), values.end());
  return Quantile(values, 0.5);
}

StageSummary SummarizeStage(const Runs& runs, size_t stage) {
  const auto median = [&](uint64_t StageReading::*part) {
    return MedianOver(
        runs, [&](const RunRecord& run) { return run.outcome.memory.stages.at(stage).*part; });
  };
  return {median(&StageReading::rss_bytes),  median(&StageReading::anon_bytes),
          median(&StageReading::file_bytes), median(&StageReading::shmem_bytes),
          median(&StageReading::swap_bytes), median(&StageReading::high_water_bytes),
          DeviceMedian(runs, stage)};
}

void SummarizeMemory(const Runs& runs, const ScenarioRecord& scenario, RowSummary& row) {
  for (size_t i = 0; i < kStageCount; ++i) row.stages[i] = SummarizeStage(runs, i);
  row.peak_rss_high_bytes =
      MedianOver(runs, [](const RunRecord& run) { return run.outcome.memory.peak_rss_high_bytes; });
  row.peak_swap_bytes =
      MedianOver(runs, [](const RunRecord& run) { return run.outcome.memory.peak_swap_bytes; });
  Runs mapped;
  std::ranges::copy_if(runs, std::back_inserter(mapped), [&](const RunRecord* run) {
    return MappedWeightBytes(*run, scenario).has_value();
  });
  if (mapped.empty()) return;
  row.weights_untouched_bytes =
      MedianOver(mapped, [](const RunRecord& run) { return *run.outcome.weights_untouched_bytes; });
}

const std::vector<uint32_t>& Ids(const RunRecord& run, size_t generation) {
  return run.outcome.result->generations.at(generation).ids;
}

std::optional<ShortGeneration> CutShort(const ScenarioRecord& scenario, const Runs& runs) {
  const std::vector<GenerationRequest>& asked = scenario.asked.generations;
  for (const RunRecord* run : runs) {
    for (size_t g = 0; g < std::min<size_t>(2, asked.size()); ++g) {
      const size_t made = Ids(*run, g).size();
      if (made < asked[g].new_tokens) return ShortGeneration{g, made, asked[g].new_tokens};
    }
  }
  return std::nullopt;
}

RunRecord WithoutSamples(const RunRecord& run) {
  RunRecord copy = run;
  if (copy.outcome.memory.samples.size() > 1) {
    copy.outcome.memory.samples = {run.outcome.memory.samples.back()};
  }
  return copy;
}

}  // namespace

std::span<const SummaryFigure> SummaryFigures() { return kSummaryFigures; }

const SummaryFigure& FindSummaryFigure(std::string_view metric) {
  const auto* found = std::ranges::find(kSummaryFigures, metric, &SummaryFigure::metric);
  TARE_CHECK(found != std::end(kSummaryFigures));
  return *found;
}

MetricUnit SummaryFigure::unit() const {
  const Result<const Metric*> found = FindMetric(metric);
  TARE_CHECK(found.ok());
  return (*found)->unit;
}

std::optional<Spread> SummaryFigure::Of(const RowSummary& row) const {
  return std::visit([&](auto field) { return std::optional<Spread>(row.*field); }, member);
}

void SummaryFigure::Set(const std::optional<Spread>& spread, RowSummary& row) const {
  if (const auto* always = std::get_if<Spread RowSummary::*>(&member)) {
    row.*(*always) = spread.value_or(Spread());
  } else {
    row.*std::get<std::optional<Spread> RowSummary::*>(member) = spread;
  }
}

TokenAgreement CompareTokens(const RunRecord& reference, const RunRecord& run) {
  TokenAgreement agreement{.known = true, .equal = true};
  for (size_t g = 0; g < 2; ++g) {
    const std::vector<uint32_t>& a = Ids(reference, g);
    const std::vector<uint32_t>& b = Ids(run, g);
    agreement.compared += std::min(a.size(), b.size());
    const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (!agreement.equal || (at_a == a.end() && at_b == b.end())) continue;
    agreement.equal = false;
    agreement.generation = g;
    agreement.position = static_cast<size_t>(at_a - a.begin());
  }
  return agreement;
}

TokenAgreement CompareTokens(const RunRecord& reference, const Runs& runs) {
  TokenAgreement agreement;
  for (const RunRecord* run : runs) {
    agreement = CompareTokens(reference, *run);
    if (!agreement.equal) break;
  }
  return agreement;
}

std::vector<RowSummary> SummarizeScenario(const Document& document, size_t scenario) {
  const ScenarioRecord& record = document.scenarios.at(scenario);
  const RunsByRow by_row = RunsOfScenario(document, scenario);
  const Runs reference = RunsOfRow(by_row, document.session.reference_row).good;
  std::vector<RowSummary> rows;
  for (const std::string& name : document.session.rows) {
    const auto [all, runs, failed] = RunsOfRow(by_row, name);
    if (all.empty()) continue;
    RowSummary row;
    row.row = name;
    row.reference = name == document.session.reference_row;
    row.device = all.front()->device;
    if (failed != nullptr) row.failed = WithoutSamples(*failed);
    row.good_runs = runs.size();
    row.quality = QualityOf(all);
    if (!runs.empty()) {
      for (const SummaryFigure& figure : kSummaryFigures) {
        figure.Set(SpreadOf(Measure(runs, record, figure.metric)), row);
      }
      SummarizeMemory(runs, record, row);
      row.share_of_limit =
          SharesOfLimit(runs, record, document.session.machine.read_bytes_per_second);
      row.tokens.sampled = record.scenario.sampler != kSamplers[0];
      if (!reference.empty() && !row.tokens.sampled) {
        row.tokens = CompareTokens(*reference.front(), runs);
      }
      row.cut_short = CutShort(record, runs);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tare
