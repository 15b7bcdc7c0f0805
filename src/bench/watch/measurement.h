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

// What was seen of one worker's memory. Times are nanoseconds since its program started.

// The worker and what it started, summed: pages they share count in each.
struct MemorySample {
  uint64_t time_ns = 0;
  uint64_t rss_bytes = 0;
  uint64_t anon_bytes = 0;
  uint64_t file_bytes = 0;  // shared memory included: /proc/PID/statm does not part them
};

struct StageReading {
  Stage stage = Stage::kInitial;
  uint64_t time_ns = 0;
  uint64_t rss_bytes = 0;  // of the worker and what it started, as are the next four
  uint64_t anon_bytes = 0;
  uint64_t file_bytes = 0;
  uint64_t shmem_bytes = 0;
  uint64_t swap_bytes = 0;
  uint64_t high_water_bytes = 0;      // of the worker alone, since the edge before
  std::optional<uint64_t> pss_bytes;  // of the worker alone
  std::optional<uint64_t> uss_bytes;
  std::optional<uint64_t> device_bytes;       // see DeviceMemory; nullopt where none was read
  std::optional<uint64_t> device_high_bytes;  // the largest reading since the edge before
};

// What was read of GPUs, all of them summed.
struct DeviceMemory {
  // Of the worker and what it started; else of the devices, above what they held before it.
  bool of_processes = false;
  std::optional<uint64_t> peak_bytes;  // the largest reading; nullopt: none was made
  uint64_t sample_count = 0;
  uint64_t longest_gap_ns = 0;  // between two readings
  std::string error;            // why a reading could not be made: the first such; empty: none
};

struct MemoryRecord {
  std::vector<StageReading> stages;
  // Every reading that differs from its neighbours: equal ones in a row keep the first and last.
  std::vector<MemorySample> samples;
  uint64_t sample_count = 0;  // readings made
  uint64_t sample_interval_ns = 0;
  uint64_t longest_gap_ns = 0;  // between two readings
  uint64_t processes_seen = 1;
  // The largest resident set lies between these; one process: they are equal, the kernel's VmHWM.
  uint64_t peak_rss_low_bytes = 0;
  uint64_t peak_rss_high_bytes = 0;
  uint64_t peak_swap_bytes = 0;
  bool high_water_was_reset = true;  // false: stage peaks are those since the start

  // What its memory cgroup says; nullopt where it had none.
  std::optional<uint64_t> cgroup_peak_bytes;  // the most charged at one time, page cache included
  std::optional<uint64_t> limit_bytes;        // that was set for it
  // Read from disks by all its processes, page faults included; nullopt where the kernel does not
  // tell.
  std::optional<uint64_t> disk_read_bytes;
  std::optional<DeviceMemory> device;  // nullopt where no device was watched

  // What watching cost: from the start until the last message.
  uint64_t watched_ns = 0;
  uint64_t watcher_cpu_ns = 0;  // of this program's own, in that time
};

// Why a run has no result: one of the words of docs/measurement.md, such as "timeout", "signal 9".
struct Failure {
  std::string reason;
  std::string message;
};

// All that came of one worker.
struct WorkerOutcome {
  std::optional<Failure> failure;
  std::optional<HelloMessage> hello;
  std::optional<ResultMessage> result;
  std::optional<Stage> stage_reached;
  MemoryRecord memory;
  uint64_t startup_ns = 0;  // from exec until stage 0 was reported
  uint64_t run_ns = 0;      // from exec until stage 5, without the waits for the watcher; 0: never
  // Weight bytes of the model file, which it maps, that were in no page of the worker at stage 5;
  // nullopt where it has no mapping of the file, or the kernel did not tell.
  std::optional<uint64_t> weights_untouched_bytes;
  std::optional<TrimReport> trim;  // of a worker beneath `tare run`
  std::string output_tail;         // the end of what it wrote on stdout and stderr
  bool saw_all_files = true;  // where its files were to be listed: even those opened only briefly
  // An exit after the result that was not clean, and what of `trim` could not be read.
  std::string exit_note;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_MEASUREMENT_H_
