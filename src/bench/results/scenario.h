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

// The task for every row. It generates twice: the first generation pays for compilation and cold
// caches, the second is steady.
struct Workload {
  enum class Kind {
    kStudy,   // "Hello", then "Test", each to a total of max_length tokens
    kTokens,  // prompt_tokens, then new_tokens; then the same prompt reordered
  };
  Kind kind = Kind::kStudy;
  uint64_t max_length = 10;
  uint64_t prompt_tokens = 0;
  uint64_t new_tokens = 0;
};

// Returns "study, max length 10" or "512 prompt + 128 new tokens".
std::string WorkloadName(const Workload& workload);

// Valid precisions of weights. Each engine has its own meaning of int8 and int4.
inline constexpr std::string_view kPrecisions[] = {"f32", "bf16", "int8", "int4"};

// One model, workload, thread count and precision. Only rows of one scenario are compared.
struct Scenario {
  std::string model;
  Workload workload;
  uint64_t threads = 1;
  std::string sampler = std::string(kSamplers[0]);  // one of kSamplers
  std::string precision = {};                       // one of kPrecisions; empty: the model's own
  std::optional<uint64_t> limit_bytes = {};  // limit of each run's memory cgroup; nullopt: none
  bool cold = false;                         // evict the model's files before each run
};

// Lists to combine. Each has at least one element.
struct Sweep {
  std::vector<std::string> models;
  std::vector<Workload> workloads;
  std::vector<uint64_t> threads;
  std::string sampler = std::string(kSamplers[0]);  // for all scenarios
  std::vector<std::string> precisions = {""};
  std::optional<uint64_t> limit_bytes = {};  // for all scenarios
  bool cold = false;
};
std::vector<Scenario> Scenarios(const Sweep& sweep);

// Arguments with which the native worker describes a model and the prompts of a workload.
std::vector<std::string> DescribeArguments(const std::string& model, const Workload& workload);

// Builds the request to a worker, with the ids that the description gives for the workload's
// prompts.
//   Errors  InvalidInput if the description lacks a prompt or a length, or if max_length leaves no
//           room for a new token.
Result<RunMessage> RunFor(const Scenario& scenario, const ModelFacts& model);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_SCENARIO_H_
