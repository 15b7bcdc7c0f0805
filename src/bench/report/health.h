#ifndef TARE_BENCH_REPORT_HEALTH_H_
#define TARE_BENCH_REPORT_HEALTH_H_

#include <string>
#include <string_view>
#include <vector>

namespace tare {

// The study's classes at the bounds it states; a bound belongs to the class above it.

// "good" < 1 GiB, "acceptable" < 3, "high" < 5, "critical".
std::string_view MemoryClass(double peak_rss_bytes);
// "low" < 1 token/s, "moderate" < 2, "good" < 3, "excellent".
std::string_view SpeedClass(double tokens_per_second);

// The study's health check: growth > 2000 MiB critical, > 1000 warning; peak swap > 1000 warning,
// > 100 info; peak and swap together > 4000 alert. One line each, the first two always.
std::vector<std::string> HealthLines(double growth_bytes, double peak_rss_bytes,
                                     double peak_swap_bytes);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_HEALTH_H_
