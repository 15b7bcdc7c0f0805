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
  // How the row is run; its cgroups are set, its limit is not.
  WorkerRunOptions run;
  std::vector<std::string> model_files;  // evicted in any case
  double time_factor = 1.10;             // of the unlimited time that a run may take
  double resolution = 0.01;              // share of the result that it may be too large by
  size_t unlimited_runs = 3;
  std::function<void(const RequiredProbe&)> probed = {};  // called after each run
};

// Finds the smallest memory limit, without swap, at which the run ends well within time_factor ×
// its time without a limit. Every file that it maps or opens, as seen in a first run, is evicted
// before each run. A limit at which a run is too slow is tried three times; two must be in time.
// Precondition: options.run.cgroups is set. Fills in all but the record's scenario and row.
RequiredRecord FindRequired(const RequiredOptions& options, InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_BENCH_PLAN_REQUIRED_H_
