#ifndef TARE_BENCH_WORKER_RUN_H_
#define TARE_BENCH_WORKER_RUN_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "bench/child_process.h"
#include "bench/interrupt.h"
#include "bench/measurement.h"
#include "bench/protocol.h"

namespace tare {

inline constexpr uint64_t kDefaultSampleIntervalNs = 5'000'000;

struct WorkerRunOptions {
  Command command;
  std::optional<RunMessage> run;  // nullopt: the worker only describes its model
  uint64_t stage_timeout_ns = 0;  // for each stage, the start-up and the exit
  uint64_t sample_interval_ns = kDefaultSampleIntervalNs;
  std::string weight_file;               // what the worker may map of the model, and where in it
  std::vector<FileRange> weight_ranges;  // the weights lie, for the bytes never touched
};

// Starts a worker, speaks with it, weighs it, and leaves no process of it behind. Whatever the
// worker does, the outcome is returned and says so; an interrupt gives the reason "interrupted".
WorkerOutcome RunWorker(const WorkerRunOptions& options, InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_WORKER_RUN_H_
