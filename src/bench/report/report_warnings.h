#ifndef TARE_BENCH_REPORT_REPORT_WARNINGS_H_
#define TARE_BENCH_REPORT_REPORT_WARNINGS_H_

#include <string>
#include <vector>

#include "bench/results/document.h"

namespace tare {

// Reasons to doubt the figures, in words: of the machine, that hold for the whole session …
std::vector<std::string> SessionWarnings(const Session& session);
// … and of the runs of one scenario: too few, disturbed, throttled, of different versions.
std::vector<std::string> ScenarioWarnings(const Document& document, size_t scenario);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_WARNINGS_H_
