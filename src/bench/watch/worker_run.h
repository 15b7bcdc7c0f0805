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

// Sampling that comes and goes within the second generation, to find what it costs: windows of
// equal length, in pairs of which one is sampled, whose order changes from pair to pair.
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
  std::optional<RunMessage> run;  // nullopt: the worker only describes its model
  uint64_t stage_timeout_ns = 0;  // for each stage, the start-up and the exit
  uint64_t run_timeout_ns = 0;    // from its start to its result; 0: none. "too-slow" beyond it
  // Four times this while the worker is one process; 0: at stage edges only.
  uint64_t sample_interval_ns = kDefaultSampleIntervalNs;
  std::optional<WatchWindows> watch_windows = {};  // from the start of the second generation
  std::string weight_file;               // what the worker may map of the model, and where in it
  std::vector<FileRange> weight_ranges;  // the weights lie, for the bytes never touched
  // Where it gets its own memory cgroup; nullptr: none. Outlives the run. Without a
  // limit, a cgroup that cannot be made is done without.
  const CgroupParent* cgroups = nullptr;
  std::optional<uint64_t> limit_bytes;     // of that cgroup. Precondition: cgroups
  bool trimmed = false;                    // `command` is `tare run --exec`: what it did is kept
  std::set<std::string>* files = nullptr;  // gets the files that the worker maps or opens
  const Nvml* nvml = nullptr;              // where device memory is to be read; outlives the run
  // Called a few times a second with the resident bytes of the worker and all it started.
  std::function<void(uint64_t rss_bytes)> weighing = {};
};

// Starts a worker, speaks with it, weighs it, and leaves no process of it behind. Whatever the
// worker does, the outcome is returned and says so; an interrupt gives the reason "interrupted".
WorkerOutcome RunWorker(const WorkerRunOptions& options, InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_WATCH_WORKER_RUN_H_
