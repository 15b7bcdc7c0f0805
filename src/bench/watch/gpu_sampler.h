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

// Reads, from outside, the memory that a worker's processes hold on NVIDIA devices. The driver may
// know the processes by other numbers than we do. If so, reports the memory of all devices above
// what they held when the sampler was created, whoever holds it.
class GpuSampler {
 public:
  // Create before the worker starts. `nvml` outlives the sampler.
  GpuSampler(const Nvml& nvml, uint64_t interval_ns);

  // When the next sample is due, as MonotonicNs(). An NVML call may cost a thousand times a read of
  // /proc, so the interval grows where sampling would take more than one percent of the time.
  uint64_t next_due_ns() const { return next_due_ns_; }
  // `processes` are the worker's.
  void Sample(const std::set<pid_t>& processes) { ReadNow(processes); }
  // Reads at a stage edge.
  void ReadStage(const std::set<pid_t>& processes);

  // Writes the readings into the record. Its stages are the ones read here, in the same order.
  void Finish(MemoryRecord& record) const;

 private:
  struct Reading {
    uint64_t of_processes = 0;
    uint64_t above_before = 0;
  };
  struct Edge {
    std::optional<Reading> now;
    Reading highest;  // since the previous edge
  };

  std::optional<Reading> Read(const std::set<pid_t>& processes);
  std::optional<Reading> ReadNow(const std::set<pid_t>& processes);
  void NoteError(const Error& error);
  uint64_t Chosen(const Reading& reading) const {
    return found_processes_ ? reading.of_processes : reading.above_before;
  }

  const Nvml& nvml_;
  const uint64_t interval_ns_;
  std::vector<uint64_t> before_;  // bytes used on each device
  bool found_processes_ = false;
  std::string error_;  // the first error
  uint64_t next_due_ns_ = 0;
  uint64_t last_sample_ns_ = 0;
  uint64_t longest_gap_ns_ = 0;
  uint64_t sample_count_ = 0;
  Reading highest_;        // over the whole run
  Reading stage_highest_;  // since the last edge
  std::vector<Edge> edges_;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_GPU_SAMPLER_H_
