#ifndef TARE_BENCH_WATCH_MEASUREMENT_H_
#define TARE_BENCH_WATCH_MEASUREMENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bench/protocol/protocol.h"
#include "bench/protocol/stage.h"
#include "bench/watch/trim_report.h"

namespace tare {

// What was observed of one worker's memory. Times are nanoseconds since its program started.

// Sum over the worker and its descendants; shared pages count once per process.
struct MemorySample {
  uint64_t time_ns = 0;
  uint64_t rss_bytes = 0;
  uint64_t anon_bytes = 0;
  uint64_t file_bytes = 0;  // includes shared memory: /proc/PID/statm does not separate them
};

struct StageReading {
  Stage stage = Stage::kInitial;
  uint64_t time_ns = 0;
  uint64_t rss_bytes = 0;  // this and the next four: worker and descendants
  uint64_t anon_bytes = 0;
  uint64_t file_bytes = 0;
  uint64_t shmem_bytes = 0;
  uint64_t swap_bytes = 0;
  uint64_t high_water_bytes = 0;      // worker only, since the previous stage
  std::optional<uint64_t> pss_bytes;  // worker only, like uss_bytes
  std::optional<uint64_t> uss_bytes;
  std::optional<uint64_t> device_bytes;       // see DeviceMemory; nullopt if not read
  std::optional<uint64_t> device_high_bytes;  // the largest reading since the previous stage
};

// Readings from GPUs, summed over all of them.
struct DeviceMemory {
  // True: memory of the worker and its descendants. False: memory of the devices above what they
  // held before it.
  bool of_processes = false;
  std::optional<uint64_t> peak_bytes;  // the largest reading; nullopt: none
  uint64_t sample_count = 0;
  uint64_t longest_gap_ns = 0;  // between two readings
  std::string error;            // the first reason why a reading failed; empty: none
};

struct MemoryRecord {
  std::vector<StageReading> stages;
  // Readings that differ from a neighbour. A series of equal readings keeps its first and last.
  std::vector<MemorySample> samples;
  uint64_t sample_count = 0;  // readings made
  uint64_t sample_interval_ns = 0;
  uint64_t longest_gap_ns = 0;  // between two readings
  uint64_t processes_seen = 1;
  // The true peak lies between these. They are equal, the kernel's VmHWM, for a single process.
  uint64_t peak_rss_low_bytes = 0;
  uint64_t peak_rss_high_bytes = 0;
  uint64_t peak_swap_bytes = 0;
  bool high_water_was_reset = true;  // false: stage peaks count from the start

  // From the worker's memory cgroup; nullopt without one.
  std::optional<uint64_t> cgroup_peak_bytes;  // the most charged at once, page cache included
  std::optional<uint64_t> limit_bytes;        // set for the cgroup
  // Disk reads of all its processes, page faults included; nullopt if the kernel does not report
  // them.
  std::optional<uint64_t> disk_read_bytes;
  std::optional<DeviceMemory> device;  // nullopt: no device was watched

  // Cost of watching, from the start to the last message.
  uint64_t watched_ns = 0;
  uint64_t watcher_cpu_ns = 0;  // this program's CPU time meanwhile
};

// Why a run has no result. The reason is a word from docs/measurement.md, such as "timeout" or
// "signal 9".
struct Failure {
  std::string reason;
  std::string message;
};

// The complete outcome of one worker.
struct WorkerOutcome {
  std::optional<Failure> failure;
  std::optional<HelloMessage> hello;
  std::optional<ResultMessage> result;
  std::optional<TokensMessage> tokens;  // where those were asked for
  std::optional<ScoresMessage> scores;  // the same
  std::optional<Stage> stage_reached;
  MemoryRecord memory;
  uint64_t startup_ns = 0;  // from exec until it reported stage 0
  uint64_t run_ns = 0;      // from exec to stage 5 without waits for the watcher; 0: not reached
  // Weight bytes of the mapped model file that were in none of the worker's pages at stage 5;
  // nullopt if it does not map the file or the kernel does not report it.
  std::optional<uint64_t> weights_untouched_bytes;
  std::optional<TrimReport> trim;  // for a worker under `tare run`
  std::string output_tail;         // the end of its output on stdout and stderr
  bool saw_all_files = true;       // when listing files: includes files opened briefly
  // An unclean exit after the result, and parts of `trim` that could not be read.
  std::string exit_note;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_MEASUREMENT_H_
