#ifndef TARE_BENCH_REPORT_HEALTH_H_
#define TARE_BENCH_REPORT_HEALTH_H_

#include <string>

#include "bench/results/document.h"

namespace tare {

// Bytes of the KV cache in f32 after the scenario's longest generation; 0 where the model does not
// tell its size.
double CacheBytes(const ScenarioRecord& scenario);

// Judges memory by what the model needs, its weights and its KV cache: "ok: added 99.0 MiB after
// start-up, 1.03 × the weights". It warns where more than half of that again, and more than
// 100 MiB, was added, and where the backend swapped. All in bytes.
std::string HealthLine(double growth_bytes, double weights_bytes, double cache_bytes,
                       double peak_swap_bytes);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_HEALTH_H_
