#ifndef TARE_BENCH_RESULTS_SCENARIO_H_
#define TARE_BENCH_RESULTS_SCENARIO_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "bench/protocol/protocol.h"
#include "os/child_process.h"

namespace tare {

// What every row is asked to do. Generation is run twice: the first pays for compiling and cold
// caches, the second is steady.
struct Workload {
  enum class Kind {
    kStudy,   // "Hello", then "Test", until prompt and new tokens together make max_length
    kTokens,  // a prompt of prompt_tokens, then new_tokens; then its tokens in another order
  };
  Kind kind = Kind::kStudy;
  uint64_t max_length = 10;
  uint64_t prompt_tokens = 0;
  uint64_t new_tokens = 0;
};

// "study, max length 10", "512 prompt + 128 new tokens".
std::string WorkloadName(const Workload& workload);

// What weights can be asked to be. An engine makes of int8 and int4 what it calls so.
inline constexpr std::string_view kPrecisions[] = {"f32", "bf16", "int8", "int4"};

// One model, workload, number of threads and precision: its rows are compared with each other.
struct Scenario {
  std::string model;
  Workload workload;
  uint64_t threads = 1;
  std::string sampler = std::string(kSamplers[0]);  // of kSamplers
  std::string precision = {};                       // of kPrecisions; empty: the model's own
  std::optional<uint64_t> limit_bytes = {};  // of the memory cgroup of each run; none: no limit
  bool cold = false;                         // the model's files are evicted before each run
};

// Lists to be combined, each with at least one element.
struct Sweep {
  std::vector<std::string> models;
  std::vector<Workload> workloads;
  std::vector<uint64_t> threads;
  std::string sampler = std::string(kSamplers[0]);  // of all of them
  std::vector<std::string> precisions = {""};
  std::optional<uint64_t> limit_bytes = {};  // of all of them, as is the next
  bool cold = false;
};
std::vector<Scenario> Scenarios(const Sweep& sweep);

// Arguments that make the native worker describe a model with the prompts of a workload.
std::vector<std::string> DescribeArguments(const std::string& model, const Workload& workload);

// What to ask of a worker, with the ids that the description gave for the workload's prompts.
// Errors: InvalidInput when the description lacks a prompt or a length, or max_length leaves no
// room for a new token.
Result<RunMessage> RunFor(const Scenario& scenario, const ModelFacts& model);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_SCENARIO_H_
