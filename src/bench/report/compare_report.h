#ifndef TARE_BENCH_REPORT_COMPARE_REPORT_H_
#define TARE_BENCH_REPORT_COMPARE_REPORT_H_

#include <string>

#include "bench/report/compare.h"
#include "bench/report/report_document.h"

namespace tare {

// One table per scenario: the figures of both sides, the change with its interval, p and n.
ReportDocument BuildCompareReport(const Comparison& comparison);

// The same as one JSON object on one line: {"schema_version", "base", "new", "notes", "scenarios"}.
std::string RenderCompareJson(const Comparison& comparison);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_COMPARE_REPORT_H_
