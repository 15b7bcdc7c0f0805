#include "bench/summary.h"

#include <algorithm>
#include <functional>

#include "bench/study_words.h"

namespace tare {
namespace {

using Runs = std::vector<const RunRecord*>;

constexpr double kNsPerSecond = 1e9;

double Seconds(uint64_t ns) { return static_cast<double>(ns) / kNsPerSecond; }

// Precondition: runs is not empty.
Spread Over(const Runs& runs, const std::function<double(const RunRecord&)>& value) {
  std::vector<double> values;
  for (const RunRecord* run : runs) values.push_back(value(*run));
  return SpreadOf(values).value_or(Spread());
}

// Runs for which the figure does not exist are left out.
std::optional<Spread> OverKnown(
    const Runs& runs, const std::function<std::optional<double>(const RunRecord&)>& value) {
  std::vector<double> values;
  for (const RunRecord* run : runs) {
    if (const std::optional<double> known = value(*run)) values.push_back(*known);
  }
  return SpreadOf(values);
}

const Generation& Nth(const RunRecord& run, size_t index) {
  return run.outcome.result->generations.at(index);
}

std::optional<double> Ttft(const Generation& g) {
  if (g.token_ns.empty()) return std::nullopt;
  return Seconds(g.token_ns.front());
}

// Of the tokens after the first: seen, or found by the worker in another way.
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

double Growth(const RunRecord& run) {
  return static_cast<double>(run.outcome.memory.peak_rss_low_bytes) -
         static_cast<double>(run.outcome.memory.stages.front().rss_bytes);
}

double Tare(const RunRecord& run, const ModelFacts& model) {
  const uint64_t untouched = run.outcome.weights_untouched_bytes.value_or(0);
  return static_cast<double>(run.outcome.memory.peak_rss_low_bytes) -
         (static_cast<double>(model.weights_bytes) - static_cast<double>(untouched));
}

StageSummary SummarizeStage(const Runs& runs, size_t stage) {
  const auto median = [&](uint64_t StageReading::*part) {
    return Over(runs,
                [&](const RunRecord& run) {
                  return static_cast<double>(run.outcome.memory.stages.at(stage).*part);
                })
        .median;
  };
  return {median(&StageReading::rss_bytes),  median(&StageReading::anon_bytes),
          median(&StageReading::file_bytes), median(&StageReading::shmem_bytes),
          median(&StageReading::swap_bytes), median(&StageReading::high_water_bytes)};
}

void SummarizeMemory(const Runs& runs, const ModelFacts& model, RowSummary& row) {
  for (size_t i = 0; i < kStageCount; ++i) row.stages[i] = SummarizeStage(runs, i);
  const auto record = [&](uint64_t MemoryRecord::*part) {
    return Over(
        runs, [&](const RunRecord& run) { return static_cast<double>(run.outcome.memory.*part); });
  };
  row.peak_rss_bytes = record(&MemoryRecord::peak_rss_low_bytes);
  row.peak_rss_high_bytes = record(&MemoryRecord::peak_rss_high_bytes).median;
  row.peak_swap_bytes = record(&MemoryRecord::peak_swap_bytes).median;
  row.growth_bytes = Over(runs, Growth);
  row.tare_bytes = Over(runs, [&](const RunRecord& run) { return Tare(run, model); });
  row.weights_untouched_bytes =
      Over(runs, [](const RunRecord& run) {
        return static_cast<double>(run.outcome.weights_untouched_bytes.value_or(0));
      }).median;
}

void SummarizeSpeed(const Runs& runs, const ModelFacts& model, uint64_t read_bytes_per_second,
                    RowSummary& row) {
  const auto seconds = [](size_t generation) {
    return [=](const RunRecord& run) { return Seconds(Nth(run, generation).total_ns); };
  };
  row.load_seconds =
      Over(runs, [](const RunRecord& run) { return Seconds(run.outcome.result->load_ns); });
  row.cold_start_seconds = Over(runs, ColdStartSeconds);
  row.first_seconds = Over(runs, seconds(0));
  row.second_seconds = Over(runs, seconds(1));
  row.first_ttft_seconds = OverKnown(runs, [](const RunRecord& run) { return Ttft(Nth(run, 0)); });
  row.ttft_seconds = OverKnown(runs, [](const RunRecord& run) { return Ttft(Nth(run, 1)); });
  row.prefill_tokens_per_second =
      OverKnown(runs, [](const RunRecord& run) { return PrefillRate(Nth(run, 1)); });
  row.decode_tokens_per_second =
      OverKnown(runs, [](const RunRecord& run) { return DecodeRate(Nth(run, 1)); });
  row.first_tokens_per_second =
      Over(runs, [](const RunRecord& run) { return WholeRate(Nth(run, 0)); });
  row.whole_tokens_per_second =
      Over(runs, [](const RunRecord& run) { return WholeRate(Nth(run, 1)); });
  if (row.decode_tokens_per_second && read_bytes_per_second > 0) {
    row.share_of_limit = row.decode_tokens_per_second->median *
                         static_cast<double>(model.bytes_read_per_token) /
                         static_cast<double>(read_bytes_per_second);
  }
}

// The study's "tokens/s": words of the prompt and its answer by the whole time.
void SummarizeWords(const Runs& runs, const ScenarioRecord& scenario, RowSummary& row) {
  if (scenario.scenario.workload.kind != Workload::Kind::kStudy) return;
  if (scenario.asked.generations.size() < 2) return;
  row.study_words_per_second = OverKnown(runs, [&](const RunRecord& run) -> std::optional<double> {
    const Generation& second = Nth(run, 1);
    if (second.total_ns == 0) return std::nullopt;
    const std::string text = scenario.asked.generations[1].prompt.text + second.text;
    return static_cast<double>(StudyWords(text)) / Seconds(second.total_ns);
  });
}

TokenAgreement Compare(const RunRecord& native, const RunRecord& run) {
  TokenAgreement agreement{.known = true, .equal = true};
  for (size_t g = 0; g < 2; ++g) {
    const std::vector<uint32_t>& a = Nth(native, g).ids;
    const std::vector<uint32_t>& b = Nth(run, g).ids;
    agreement.compared += std::min(a.size(), b.size());
    const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (!agreement.equal || (at_a == a.end() && at_b == b.end())) continue;
    agreement.equal = false;
    agreement.generation = g;
    agreement.position = static_cast<size_t>(at_a - a.begin());
  }
  return agreement;
}

// The row's measured runs with a result, and the failed run if there is one.
Runs GoodRuns(const Document& document, size_t scenario, const std::string& name,
              const RunRecord** failed, bool* seen) {
  Runs good;
  for (const RunRecord& run : document.runs) {
    if (run.scenario != scenario || run.row != name) continue;
    *seen = true;
    if (run.outcome.failure) {
      *failed = &run;
    } else if (!run.warmup && run.outcome.result) {
      good.push_back(&run);
    }
  }
  return good;
}

RunRecord WithoutSamples(const RunRecord& run) {
  RunRecord copy = run;
  if (copy.outcome.memory.samples.size() > 1) {
    copy.outcome.memory.samples = {run.outcome.memory.samples.back()};
  }
  return copy;
}

}  // namespace

std::vector<RowSummary> SummarizeScenario(const Document& document, size_t scenario) {
  const ScenarioRecord& record = document.scenarios.at(scenario);
  const ModelFacts& model = record.model;
  const RunRecord* unused_failure = nullptr;
  bool unused_seen = false;
  const Runs native = GoodRuns(document, scenario, kNativeRow, &unused_failure, &unused_seen);
  std::vector<RowSummary> rows;
  for (const std::string& name : document.session.rows) {
    RowSummary row;
    row.row = name;
    const RunRecord* failed = nullptr;
    bool seen = false;
    const Runs runs = GoodRuns(document, scenario, name, &failed, &seen);
    if (!seen) continue;
    if (failed != nullptr) row.failed = WithoutSamples(*failed);
    row.good_runs = runs.size();
    if (!runs.empty()) {
      SummarizeMemory(runs, model, row);
      SummarizeSpeed(runs, model, document.session.machine.read_bytes_per_second, row);
      SummarizeWords(runs, record, row);
      row.tokens.sampled = record.scenario.sampler != kSamplers[0];
      if (!native.empty() && !row.tokens.sampled) {
        row.tokens = Compare(*native.front(), *runs.front());
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace tare
