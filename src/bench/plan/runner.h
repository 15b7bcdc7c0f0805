#ifndef TARE_BENCH_PLAN_RUNNER_H_
#define TARE_BENCH_PLAN_RUNNER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "bench/results/document.h"
#include "bench/rows/contender.h"
#include "bench/watch/nvml.h"
#include "os/interrupt.h"
#include "os/memory_cgroup.h"

namespace tare {

struct BenchPlan {
  std::vector<Scenario> scenarios;
  std::vector<Contender> contenders;
  Command describe;         // for the native worker; DescribeArguments are added
  Command convert;          // `tare convert`, for rows that cannot read a model's form
  std::string model_cache;  // folder for converted models
  // Creates the workers' memory cgroups; nullptr: none. Required for scenarios with a limit and for
  // sessions that measure required_bytes. Outlives the bench.
  const CgroupParent* cgroups = nullptr;
  size_t watch_cost_pairs = 0;  // 0: leave the session's watch_cost unchanged
  // Reads the device memory of rows on NVIDIA GPUs; nullptr: do not read it. Outlives the bench.
  const Nvml* nvml = nullptr;
  // Measures the current memory read bandwidth in bytes per second, or returns nullopt. Called
  // before and after each measured run. Empty: not measured.
  std::function<std::optional<uint64_t>()> read_bandwidth;
  // Hashes a model's bytes, see ModelHash. Empty: no hashes.
  std::function<Result<std::string>(const std::string& model)> hash;
};

// Callbacks for progress. A returned error stops the bench.
struct BenchObserver {
  std::function<void(const std::string& row, const std::string& form)> converting;
  std::function<void(std::string_view text)> preparing;  // output of a row's preparation
  std::function<void(const std::string& note)> noted;    // what users should know about the models
  std::function<Status(const Document&)> described;      // scenarios are known, nothing has run
  std::function<void(const RunRecord&, size_t done, size_t total)> starting;
  std::function<void(uint64_t rss_bytes)> weighing;  // called a few times a second
  std::function<Status(const RunRecord&)> finished;
};

// Runs every contender in every scenario. Contenders take turns, and every other round goes
// backwards (A B C C B A …). Each run is a process of its own. A contender that fails is not run
// again in that scenario; the others continue. Preparation comes first: each contender's own
// commands, then model conversion for contenders that cannot read the model's form. A contender
// whose preparation fails fails too.
//   document  its session is set (runs, warmups, times). RunBench adds to it and skips runs that it
//             already has. It keeps its contents after an error or an interrupt.
//   Errors    InvalidInput if a model cannot be described, or if the document has scenarios and the
//             plan's no longer match them (CheckSameScenarios); errors from the observer.
Status RunBench(const BenchPlan& plan, const BenchObserver& observer, InterruptWatch& interrupt,
                Document& document);

}  // namespace tare

#endif  // TARE_BENCH_PLAN_RUNNER_H_
