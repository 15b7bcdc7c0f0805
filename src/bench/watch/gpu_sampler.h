#ifndef TARE_BENCH_WATCH_GPU_SAMPLER_H_
#define TARE_BENCH_WATCH_GPU_SAMPLER_H_

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "bench/watch/measurement.h"
#include "bench/watch/nvml.h"

namespace tare {

// Reads what a worker's processes hold on NVIDIA's devices, from outside. The driver may not know
// the processes by the numbers that we know them by; then it is what all devices hold above what
// they held when the sampler was made, whoever holds it.
class GpuSampler {
 public:
  // To be made before the worker is started. `nvml` outlives the sampler.
  GpuSampler(const Nvml& nvml, uint64_t interval_ns);

  // When the next sample is to be taken, as MonotonicNs(). A call of NVML may cost a thousand times
  // one of /proc: samples are further apart than the interval where they would take more than a
  // hundredth of the time.
  uint64_t next_due_ns() const { return next_due_ns_; }
  // `processes` are the worker's.
  void Sample(const std::set<pid_t>& processes) { ReadNow(processes); }
  // Reads at a stage edge.
  void ReadStage(const std::set<pid_t>& processes);

  // Writes what was seen into the record, whose stages are those that were read, in order.
  void Finish(MemoryRecord& record) const;

 private:
  struct Reading {
    uint64_t of_processes = 0;
    uint64_t above_before = 0;
  };
  struct Edge {
    std::optional<Reading> now;
    Reading highest;  // since the edge before
  };

  std::optional<Reading> Read(const std::set<pid_t>& processes);
  std::optional<Reading> ReadNow(const std::set<pid_t>& processes);
  void NoteError(const Error& error);
  uint64_t Chosen(const Reading& reading) const {
    return found_processes_ ? reading.of_processes : reading.above_before;
  }

  const Nvml& nvml_;
  const uint64_t interval_ns_;
  std::vector<uint64_t> before_;  // bytes used, of each device
  bool found_processes_ = false;
  std::string error_;  // the first
  uint64_t next_due_ns_ = 0;
  uint64_t last_sample_ns_ = 0;
  uint64_t longest_gap_ns_ = 0;
  uint64_t sample_count_ = 0;
  Reading highest_;        // of all
  Reading stage_highest_;  // since the last edge
  std::vector<Edge> edges_;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_GPU_SAMPLER_H_
