#ifndef TARE_CLI_BENCH_SUITE_H_
#define TARE_CLI_BENCH_SUITE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

// A plan of `tare bench` kept as data: what its flags would say. Absent members leave the flags'
// defaults; flags that are given win.
struct BenchSuite {
  std::string about;
  // One of the two: a model's path, or a shape for `tare synth` with its seed.
  std::string model;
  std::string synth_shape;
  uint64_t synth_seed = 0;
  bool study = false;  // the study's workload
  std::optional<uint64_t> max_length;
  std::vector<uint64_t> prompt_tokens;
  std::vector<uint64_t> new_tokens;
  std::vector<std::string> backends;
  std::vector<std::string> devices;  // of kDevices
  std::optional<uint64_t> runs;
  std::optional<uint64_t> warmups;
};

// `name` is that of a file in the suites' folder ($TARE_SUITES_DIR, else that in the
// installed tree), "study", or a path with a slash or ending in .json.
//   Errors   Io; InvalidInput, naming file and member, also for members that there are not.
Result<BenchSuite> LoadBenchSuite(const std::string& name);

// Path of the suite's model, which is made by `tare synth` where it is a shape and not there yet
// (in DefaultModelCache). Empty where the suite names none. Errors: Io.
Result<std::string> SuiteModel(const BenchSuite& suite);

}  // namespace tare

#endif  // TARE_CLI_BENCH_SUITE_H_
