#ifndef TARE_BENCH_RESULTS_IDENTITY_H_
#define TARE_BENCH_RESULTS_IDENTITY_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "bench/results/document.h"

namespace tare {

// What must be the same for figures to be of one thing. Each returns what differs, as
// "memory: 16.0 GiB → 8.0 GiB", or an empty text.

// Processor, cores, caches and memory.
std::string MachineDifference(const MachineFacts& before, const MachineFacts& now);
// By the hash of all its bytes; by that of samples of them where one side lacks the former.
std::string ModelDifference(const ScenarioRecord& before, const ScenarioRecord& now);
// Workload, threads and sampler.
std::string WorkloadDifference(const Scenario& before, const Scenario& now);

// Whether a session may be gone on with. Errors: InvalidInput, saying what changed.
Status CheckSameSession(const Session& before, const Session& now);
Status CheckSameScenarios(const std::vector<ScenarioRecord>& before,
                          const std::vector<ScenarioRecord>& now);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_IDENTITY_H_
