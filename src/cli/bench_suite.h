#ifndef TARE_CLI_BENCH_SUITE_H_
#define TARE_CLI_BENCH_SUITE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

// A plan for `tare bench` stored in a file: the values of its flags. Missing members leave the
// flags' defaults; flags on the command line take precedence.
struct BenchSuite {
  std::string about;
  // Either a model's path, or a shape and a seed for `tare synth`.
  std::string model;
  std::string synth_shape;
  uint64_t synth_seed = 0;
  bool study = false;  // use the study's workload
  std::optional<uint64_t> max_length;
  std::vector<uint64_t> prompt_tokens;
  std::vector<uint64_t> new_tokens;
  std::vector<std::string> backends;
  std::vector<std::string> devices;  // from kDevices
  std::optional<uint64_t> runs;
  std::optional<uint64_t> warmups;
};

// `name` is a file in the suites' folder ($TARE_SUITES_DIR, else the one in the installed tree),
// "study", or a path with a slash or ending in .json.
//   Errors   Io; InvalidInput with the file and member, also for unknown members.
Result<BenchSuite> LoadBenchSuite(const std::string& name);

// Returns the path of the suite's model; empty if the suite names none. If the model is a shape,
// `tare synth` creates it on first use in DefaultModelCache. Errors: Io.
Result<std::string> SuiteModel(const BenchSuite& suite);

}  // namespace tare

#endif  // TARE_CLI_BENCH_SUITE_H_
