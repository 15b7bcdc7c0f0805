#ifndef TARE_BENCH_WATCH_WORKER_RUN_H_
#define TARE_BENCH_WATCH_WORKER_RUN_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bench/protocol/protocol.h"
#include "bench/watch/measurement.h"
#include "bench/watch/nvml.h"
#include "os/child_process.h"
#include "os/interrupt.h"
#include "os/memory_cgroup.h"

namespace tare {

inline constexpr uint64_t kDefaultSampleIntervalNs = 5'000'000;

// Sampling that turns on and off during the second generation, to measure its cost. The windows
// have equal length and form pairs. One window of each pair is sampled; which one changes from pair
// to pair.
struct WatchWindows {
  uint64_t length_ns = 0;     // positive
  bool sampled_first = true;  // in the first pair

  size_t IndexAt(uint64_t since_ns) const { return static_cast<size_t>(since_ns / length_ns); }
  bool IsSampled(size_t window) const {
    return ((window % 2 == 0) == (window / 2 % 2 == 0)) == sampled_first;
  }
};

struct WorkerRunOptions {
  Command command;
  std::optional<RunMessage> run;
  // What the worker is asked in place of a run. Neither: it only describes its model.
  std::optional<WorkerTask> other_task = {};
  uint64_t stage_timeout_ns = 0;  // for each stage, the start-up and the exit
  uint64_t run_timeout_ns = 0;    // from its start to its result; 0: none. "too-slow" beyond it
  // Four times this while the worker is one process; 0: at stage edges only.
  uint64_t sample_interval_ns = kDefaultSampleIntervalNs;
  std::optional<WatchWindows> watch_windows = {};  // from the start of the second generation
  std::string weight_file;                         // the model file that the worker may map
  std::vector<FileRange> weight_ranges;            // its weights, for weights_untouched_bytes
  // Creates the worker's memory cgroup; nullptr: none. Outlives the run. Without a limit, the run
  // continues if the cgroup cannot be created.
  const CgroupParent* cgroups = nullptr;
  std::optional<uint64_t> limit_bytes;     // limit of that cgroup; requires `cgroups`
  bool trimmed = false;                    // `command` is `tare run --exec`; keep its report
  std::set<std::string>* files = nullptr;  // receives the files that the worker maps or opens
  const Nvml* nvml = nullptr;              // reads device memory; outlives the run
  // Called a few times a second with the resident bytes of the worker and its descendants.
  std::function<void(uint64_t rss_bytes)> weighing = {};
};

// Starts a worker, communicates with it, measures its memory, and leaves no process behind. Always
// returns an outcome, whatever the worker does. An interrupt gives the reason "interrupted".
WorkerOutcome RunWorker(const WorkerRunOptions& options, InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_WATCH_WORKER_RUN_H_
