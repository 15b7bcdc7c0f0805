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
  Command describe;         // of the native worker; DescribeArguments are added
  Command convert;          // `tare convert`, for rows that do not read a model's form
  std::string model_cache;  // folder of converted models
  // Where workers get memory cgroups; nullptr: nowhere. Scenarios with a limit and sessions that
  // ask for required_bytes need it. Outlives the bench.
  const CgroupParent* cgroups = nullptr;
  size_t watch_cost_pairs = 0;  // 0: the session's watch_cost is left as it is
  // Where rows on NVIDIA's GPUs have their device memory read; nullptr: nowhere. Outlives the
  // bench.
  const Nvml* nvml = nullptr;
  // Bytes a second read from memory now, or nullopt; asked before and after each measured run.
  // Empty: never.
  std::function<std::optional<uint64_t>()> read_bandwidth;
  // The hash of a model's bytes, see ModelHash; empty: hashes are left out.
  std::function<Result<std::string>(const std::string& model)> hash;
};

// Called as the work goes on; an error stops it.
struct BenchObserver {
  std::function<void(const std::string& row, const std::string& form)> converting;
  std::function<void(std::string_view text)> preparing;  // what a row's preparation says
  std::function<void(const std::string& note)> noted;    // what users should know of the models
  std::function<Status(const Document&)> described;      // scenarios are known, nothing has run
  std::function<void(const RunRecord&, size_t done, size_t total)> starting;
  std::function<void(uint64_t rss_bytes)> weighing;  // a few times a second
  std::function<Status(const RunRecord&)> finished;
};

// Runs every contender of every scenario, run by run in turn (A B C C B A …), each in a process of
// its own. A contender that fails is not run again in that scenario; the others go on. Fills
// `document`, whose session is set (runs, warmups, times); what is there when an error or an
// interrupt comes is kept. Runs that the document has already are not made again.
// What a contender wants done beforehand is done first, and a model is converted for contenders
// that do not read its form; where that fails, they do.
//   Errors   InvalidInput when a model cannot be described, or when the document has scenarios and
//            the plan's are others by now (CheckSameScenarios); the observer's own.
Status RunBench(const BenchPlan& plan, const BenchObserver& observer, InterruptWatch& interrupt,
                Document& document);

}  // namespace tare

#endif  // TARE_BENCH_PLAN_RUNNER_H_
