#ifndef TARE_BENCH_REPORT_REPORT_WARNINGS_H_
#define TARE_BENCH_REPORT_REPORT_WARNINGS_H_

#include <string>
#include <vector>

#include "bench/results/document.h"

namespace tare {

// Warnings about the machine that apply to the whole session.
std::vector<std::string> SessionWarnings(const Session& session);
// Warnings about one scenario's runs: too few, disturbed, throttled, or with different versions.
std::vector<std::string> ScenarioWarnings(const Document& document, size_t scenario);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_WARNINGS_H_
