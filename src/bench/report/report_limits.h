#ifndef TARE_BENCH_REPORT_REPORT_LIMITS_H_
#define TARE_BENCH_REPORT_REPORT_LIMITS_H_

#include <string>
#include <vector>

#include "bench/report/report_document.h"
#include "bench/results/document.h"

namespace tare {

// What of a report is about limits, needs and the cost of watching. docs/limits.md explains it.

// " · limit 512.0 MiB · cold page cache", or nothing.
std::string ScenarioLimits(const Scenario& scenario);

inline constexpr char kRequiredHeading[] =
    "Required memory (the smallest limit with at most 1.10 × the time)";
// required_bytes of each row that was searched for; no rows where none was.
ReportTable RequiredTable(const Document& document, size_t scenario);

// Sentences: how often memory was read and what that cost, peaks of cgroups of process trees, what
// stayed in the page cache.
std::vector<std::string> WatchingNotes(const Document& document, size_t scenario);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_LIMITS_H_
