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

// Reads a worker's memory, and that of all it starts, from outside. The caller's loop drives it.
// Precondition: the worker is an unreaped child of this process, which is also the reaper of its
// orphans; `earlier_children` are children of ours that have nothing to do with it.
class ProcSampler {
 public:
  // With a cgroup, which outlives the sampler, what is in it are the worker's processes.
  ProcSampler(pid_t worker, std::set<pid_t> earlier_children, const MemoryCgroup* cgroup,
              uint64_t interval_ns, uint64_t start_ns);

  // Takes a sample if one is due. `now_ns` is MonotonicNs().
  void Tick(uint64_t now_ns);
  uint64_t next_due_ns() const { return next_due_ns_; }
  // Of the last sample; 0 before the first.
  uint64_t latest_rss_bytes() const {
    return record_.samples.empty() ? 0 : record_.samples.back().rss_bytes;
  }

  // The worker's, those that ended among them, as far as they were found.
  std::set<pid_t> processes() const;

  // Reads everything at a stage edge. The worker is waiting.
  void ReadStage(Stage stage, uint64_t now_ns);
  // Lets the next stage's high-water marks begin at what is resident now.
  void ResetHighWaterMarks();

  // Reads what is known for the last time before its processes are reaped.
  void ReadLast();

  // What was seen; the sampler is done with.
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
  std::string last_pid_;                // of the system, when processes were last looked for
  std::map<pid_t, Process> processes_;  // ever seen
  uint64_t next_due_ns_;
  uint64_t last_sample_ns_;
  uint64_t tick_ = 0;
  MemoryRecord record_;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_PROC_SAMPLER_H_
