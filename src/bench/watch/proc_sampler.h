#ifndef TARE_BENCH_WATCH_PROC_SAMPLER_H_
#define TARE_BENCH_WATCH_PROC_SAMPLER_H_

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "bench/watch/measurement.h"
#include "os/memory_cgroup.h"
#include "os/scoped_fd.h"

namespace tare {

// Reads the memory of a worker and its descendants from outside, driven by the caller's loop.
// Precondition: the worker is an unreaped child of this process, and this process reaps its
// orphans. `earlier_children` are unrelated children of this process.
class ProcSampler {
 public:
  // With a cgroup, which outlives the sampler, the worker's processes are those in the cgroup.
  ProcSampler(pid_t worker, std::set<pid_t> earlier_children, const MemoryCgroup* cgroup,
              uint64_t interval_ns, uint64_t start_ns);

  // Takes a sample if one is due. `now_ns` is MonotonicNs().
  void Tick(uint64_t now_ns);
  uint64_t next_due_ns() const { return next_due_ns_; }
  // Resident bytes in the latest sample; 0 before the first sample.
  uint64_t latest_rss_bytes() const {
    return record_.samples.empty() ? 0 : record_.samples.back().rss_bytes;
  }

  // All processes of the worker that were found, including ended ones.
  std::set<pid_t> processes() const;

  // Reads everything at a stage edge, while the worker waits.
  void ReadStage(Stage stage, uint64_t now_ns);
  // Starts the next stage's high-water marks at the memory resident now.
  void ResetHighWaterMarks();

  // Takes the last readings before the processes are reaped.
  void ReadLast();

  // Returns the readings. The sampler is then unusable.
  MemoryRecord Finish();

 private:
  struct Process {
    ScopedFd statm;
    ScopedFd status;
    uint64_t high_water_bytes = 0;  // over all stages
    uint64_t stage_high_water_bytes = 0;
  };

  void Track(pid_t pid);
  bool AnythingStarted();
  void FindProcesses();
  void ReadDisk();
  void Sample(uint64_t now_ns);
  void KeepSample(const MemorySample& sample);
  StageReading SumStatus(uint64_t now_ns);
  void RaisePeak(uint64_t tree_rss_bytes);

  const pid_t worker_;
  const std::set<pid_t> earlier_children_;
  const MemoryCgroup* const cgroup_;
  const uint64_t start_ns_;
  const uint64_t page_bytes_;
  const bool has_swap_;
  const ScopedFd load_average_;
  std::string last_pid_;                // the system's last PID at the latest search
  std::map<pid_t, Process> processes_;  // all processes seen so far
  uint64_t next_due_ns_;
  uint64_t last_sample_ns_;
  uint64_t tick_ = 0;
  MemoryRecord record_;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_PROC_SAMPLER_H_
