#ifndef TARE_BENCH_REPORT_COMPARE_REPORT_H_
#define TARE_BENCH_REPORT_COMPARE_REPORT_H_

#include <string>

#include "bench/report/compare.h"
#include "bench/report/report_document.h"

namespace tare {

// A table for each scenario: figures of both sides, change with its interval, p, n.
ReportDocument BuildCompareReport(const Comparison& comparison);

// The same, one object on one line: {"schema_version", "base", "new", "notes", "scenarios"}.
std::string RenderCompareJson(const Comparison& comparison);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_COMPARE_REPORT_H_
