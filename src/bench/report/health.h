#ifndef TARE_BENCH_REPORT_HEALTH_H_
#define TARE_BENCH_REPORT_HEALTH_H_

#include <string>

#include "bench/results/document.h"

namespace tare {

// Bytes of the f32 KV cache after the scenario's longest generation; 0 if the model does not report
// its cache size.
double CacheBytes(const ScenarioRecord& scenario);

// Compares a row's memory with the model's weights and KV cache: "ok: added 99.0 MiB after
// start-up, 1.03 × the weights". Warns if the row added more than 1.5 × their size and more than
// 100 MiB beyond it, or if the backend swapped. All arguments are in bytes.
std::string HealthLine(double growth_bytes, double weights_bytes, double cache_bytes,
                       double peak_swap_bytes);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_HEALTH_H_
