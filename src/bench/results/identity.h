#ifndef TARE_BENCH_RESULTS_IDENTITY_H_
#define TARE_BENCH_RESULTS_IDENTITY_H_

#include <string>
#include <vector>

#include "base/error.h"
#include "bench/results/document.h"

namespace tare {

// What must match for figures to be comparable. Each function returns the difference, such as
// "memory: 16.0 GiB → 8.0 GiB", or an empty text.

// Compares processor, cores, caches and memory.
std::string MachineDifference(const MachineFacts& before, const MachineFacts& now);
// Compares hashes of all bytes, or hashes of samples if a side lacks the former.
std::string ModelDifference(const ScenarioRecord& before, const ScenarioRecord& now);
// Compares workload, threads and sampler.
std::string WorkloadDifference(const Scenario& before, const Scenario& now);

// Checks that a session may be resumed. Errors: InvalidInput with what changed.
Status CheckSameSession(const Session& before, const Session& now);
Status CheckSameScenarios(const std::vector<ScenarioRecord>& before,
                          const std::vector<ScenarioRecord>& now);

}  // namespace tare

#endif  // TARE_BENCH_RESULTS_IDENTITY_H_
