#ifndef TARE_BENCH_REPORT_REPORT_LIMITS_H_
#define TARE_BENCH_REPORT_REPORT_LIMITS_H_

#include <string>
#include <vector>

#include "bench/report/report_document.h"
#include "bench/results/document.h"

namespace tare {

// The parts of a report about limits, required memory and the cost of watching, see docs/limits.md.

// " · limit 512.0 MiB · cold page cache", or an empty text.
std::string ScenarioLimits(const Scenario& scenario);

inline constexpr char kRequiredHeading[] =
    "Required memory (the smallest limit with at most 1.10 × the time)";
// The required_bytes of each row with a search. Has no rows if there was no search.
ReportTable RequiredTable(const Document& document, size_t scenario);

// Sentences about how often memory was read and what that cost, the cgroup peaks of process trees,
// and what stayed in the page cache.
std::vector<std::string> WatchingNotes(const Document& document, size_t scenario);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_LIMITS_H_
