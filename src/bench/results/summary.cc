#include "bench/results/summary.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "bench/results/run_metrics.h"

namespace tare {
namespace {

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
  const auto known = [&](std::string_view name) { return SpreadOf(Measure(runs, scenario, name)); };
  const auto spread = [&](std::string_view name) { return known(name).value_or(Spread()); };
  row.peak_rss_bytes = spread("peak_rss_bytes");
  row.growth_bytes = spread("growth_bytes");
  row.tare_bytes = known("tare_bytes");
  row.device_peak_bytes = known("device_peak_bytes");
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

void SummarizeSpeed(const Runs& runs, const ScenarioRecord& scenario,
                    uint64_t read_bytes_per_second, RowSummary& row) {
  const auto known = [&](std::string_view name) { return SpreadOf(Measure(runs, scenario, name)); };
  const auto spread = [&](std::string_view name) { return known(name).value_or(Spread()); };
  row.load_seconds = spread("load_ns");
  row.cold_start_seconds = spread("cold_start_ns");
  row.first_seconds = spread("first_generation_ns");
  row.second_seconds = spread("second_generation_ns");
  row.first_ttft_seconds = known("first_ttft_ns");
  row.ttft_seconds = known("ttft_ns");
  row.prefill_tokens_per_second = known("prefill_tokens_per_second");
  row.decode_tokens_per_second = known("decode_tokens_per_second");
  row.first_tokens_per_second = spread("first_tokens_per_second");
  row.whole_tokens_per_second = spread("whole_tokens_per_second");
  row.study_words_per_second = known("study_words_per_second");
  row.share_of_limit = SharesOfLimit(runs, scenario, read_bytes_per_second);
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
  const Runs native = RunsOfRow(by_row, kNativeRow).good;
  std::vector<RowSummary> rows;
  for (const std::string& name : document.session.rows) {
    const auto [all, runs, failed] = RunsOfRow(by_row, name);
    if (all.empty()) continue;
    RowSummary row;
    row.row = name;
    if (failed != nullptr) row.failed = WithoutSamples(*failed);
    row.good_runs = runs.size();
    if (!runs.empty()) {
      SummarizeMemory(runs, record, row);
      SummarizeSpeed(runs, record, document.session.machine.read_bytes_per_second, row);
      row.tokens.sampled = record.scenario.sampler != kSamplers[0];
      if (!native.empty() && !row.tokens.sampled) {
        row.tokens = CompareTokens(*native.front(), runs);
      }
      row.cut_short = CutShort(record, runs);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tare
