#ifndef TARE_BENCH_PLAN_REQUIRED_H_
#define TARE_BENCH_PLAN_REQUIRED_H_

#include <functional>
#include <string>
#include <vector>

#include "bench/results/required_record.h"
#include "bench/watch/worker_run.h"
#include "os/interrupt.h"

namespace tare {

struct RequiredOptions {
  // How to run the row. Its cgroups are set, its limit is not.
  WorkerRunOptions run;
  std::vector<std::string> model_files;  // evicted even if the row does not open them
  double time_factor = 1.10;  // limit on a run's time, as a multiple of the unlimited time
  double resolution = 0.01;   // the most by which the result may be too large, as a share of it
  size_t unlimited_runs = 3;
  std::function<void(const RequiredProbe&)> probed = {};  // called after each run
};

// Finds the smallest memory limit, without swap, at which a run finishes within time_factor × its
// time without a limit. A first run shows which files the row maps or opens; all of them are
// evicted before each later run. A limit at which a run is too slow is tried three times; two of
// the three must be in time.
//   Precondition  options.run.cgroups is set.
//   Returns       all fields of the record except scenario and row.
RequiredRecord FindRequired(const RequiredOptions& options, InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_PLAN_REQUIRED_H_
