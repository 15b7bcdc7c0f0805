#ifndef TARE_BENCH_REPORT_FIGURES_H_
#define TARE_BENCH_REPORT_FIGURES_H_

#include "bench/report/report_document.h"
#include "bench/results/document.h"

namespace tare {

// One table, for programs to read: a line a row and scenario; the figures in bytes, nanoseconds and
// tokens per second, with n and the ends of the 95 % intervals.
ReportDocument BuildFigures(const Document& document);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_FIGURES_H_
