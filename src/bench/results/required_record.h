#ifndef TARE_BENCH_RESULTS_REQUIRED_RECORD_H_
#define TARE_BENCH_RESULTS_REQUIRED_RECORD_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace tare {

// One run of a search for required_bytes.
struct RequiredProbe {
  std::optional<uint64_t> limit_bytes;  // nullopt: no limit
  std::string outcome;                  // "done", or the reason for the failure
  uint64_t run_ns = 0;                  // time until it was done or ended
  std::optional<uint64_t> disk_read_bytes;
  uint64_t still_cached_bytes = 0;  // bytes of evicted files still cached when it started
};

// The smallest memory limit at which a row finishes in time. docs/limits.md describes the search.
struct RequiredRecord {
  size_t scenario = 0;
  std::string row;
  std::optional<uint64_t> required_bytes;
  std::string error;  // why there is no result
  double time_factor = 0;
  uint64_t unlimited_ns = 0;  // median of the runs without a limit
  uint64_t files = 0;         // files that it maps or opens, evicted before each run
  uint64_t file_bytes = 0;    // size of all of them
  bool saw_all_files = true;  // false: files opened only briefly may be missing
  std::vector<RequiredProbe> probes;
};

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_REQUIRED_RECORD_H_
