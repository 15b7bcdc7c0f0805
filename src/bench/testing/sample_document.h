#ifndef TARE_BENCH_TESTING_SAMPLE_DOCUMENT_H_
#define TARE_BENCH_TESTING_SAMPLE_DOCUMENT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "base/units.h"
#include "bench/results/document.h"

// Invented results for tests.
namespace tare::testing {

inline constexpr uint64_t kMs = 1'000'000;

inline MemoryRecord MemoryOf(const std::vector<uint64_t>& stage_mib, uint64_t peak_mib) {
  MemoryRecord memory;
  for (size_t i = 0; i < stage_mib.size(); ++i) {
    StageReading reading;
    reading.stage = static_cast<Stage>(i);
    reading.time_ns = (i + 1) * 100 * kMs;
    reading.rss_bytes = stage_mib[i] * kMebibyte;
    reading.anon_bytes = stage_mib[i] * kMebibyte / 4;
    reading.file_bytes = reading.rss_bytes - reading.anon_bytes;
    reading.high_water_bytes = (stage_mib[i] + 1) * kMebibyte;
    memory.stages.push_back(reading);
  }
  memory.samples = {{1 * kMs, 10 * kMebibyte, 4 * kMebibyte, 6 * kMebibyte}};
  memory.sample_count = 100;
  memory.sample_interval_ns = 5 * kMs;
  memory.longest_gap_ns = 6 * kMs;
  memory.peak_rss_low_bytes = memory.peak_rss_high_bytes = peak_mib * kMebibyte;
  return memory;
}

inline Generation Tokens(std::vector<uint32_t> ids, uint64_t first_ms, uint64_t each_ms) {
  Generation g{.prompt_tokens = 4,
               .ids = std::move(ids),
               .token_ns = {},
               .decode_ns = {},
               .total_ns = 0,
               .text = "t"};
  for (size_t i = 0; i < g.ids.size(); ++i) g.token_ns.push_back((first_ms + i * each_ms) * kMs);
  g.total_ns = g.token_ns.back() + kMs;
  return g;
}

inline RunRecord GoodRun(const std::string& row, uint64_t round, MemoryRecord memory,
                         uint64_t speed_ms, uint32_t last_id) {
  RunRecord run;
  run.row = row;
  run.round = round;
  run.outcome.hello =
      HelloMessage{.backend = row, .versions = {{row, "1"}}, .device = "CPU", .model = {}};
  run.outcome.memory = std::move(memory);
  run.outcome.startup_ns = 20 * kMs;
  run.outcome.stage_reached = Stage::kFinal;
  run.outcome.result = ResultMessage{
      200 * kMs,
      {Tokens({1, 2, 3}, 5 * speed_ms, speed_ms), Tokens({4, 5, last_id}, 2 * speed_ms, speed_ms)}};
  return run;
}

// Two good rows with two runs each, one of them a process tree, and a row that crashed.
inline Document Sample() {
  Document document;
  Session& session = document.session;
  session.tare_version = "0.1.0";
  session.command = {"tare", "bench"};
  session.started_at = "2025-01-02T03:04:05Z";
  session.rows = {"native", "tree", "broken"};
  session.runs = 2;
  session.machine.cpu_model = "Test CPU";
  session.machine.physical_cores = session.machine.logical_cpus = 2;
  session.machine.memory_bytes = 8192 * kMebibyte;
  session.machine.kernel = "Linux 6.1";
  session.machine.transparent_hugepages = "madvise";
  session.machine.read_bytes_per_second = 20'000'000'000;
  ScenarioRecord scenario;
  scenario.scenario = {"m.gguf", Workload{}, 2, "greedy"};
  scenario.model.path = "/models/m.gguf";
  scenario.model.family = "llama";
  scenario.model.precision = "q4_1";
  scenario.model.parameters = 134'500'000;
  scenario.model.weights_bytes = 96 * kMebibyte;
  scenario.model.bytes_read_per_token = 94 * kMebibyte;
  document.scenarios = {scenario};
  for (uint64_t round = 0; round < 2; ++round) {
    RunRecord native =
        GoodRun("native", round, MemoryOf({5, 11, 11, 104, 104, 104}, 104), 10 + round, 6);
    native.outcome.weights_untouched_bytes = 2 * kMebibyte;
    document.runs.push_back(std::move(native));
    MemoryRecord tree = MemoryOf({80, 2400, 2300, 2250, 2250, 2250}, 2500);
    tree.peak_rss_high_bytes = 2600 * kMebibyte;
    tree.processes_seen = 2;
    document.runs.push_back(GoodRun("tree", round, std::move(tree), 400, 7));
  }
  RunRecord broken;
  broken.row = "broken";
  broken.outcome.failure = Failure{"signal 11", "the worker was ended by Segmentation fault"};
  broken.outcome.stage_reached = Stage::kInitial;
  broken.outcome.output_tail = "loading\nout of luck\n";
  broken.outcome.memory = MemoryOf({40}, 50);
  document.runs.push_back(std::move(broken));
  return document;
}

}  // namespace tare::testing

#endif  // TARE_BENCH_TESTING_SAMPLE_DOCUMENT_H_
