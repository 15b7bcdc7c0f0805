#ifndef TARE_BENCH_REPORT_FIGURES_H_
#define TARE_BENCH_REPORT_FIGURES_H_

#include "bench/report/report_document.h"
#include "bench/results/document.h"

namespace tare {

// One table for programs, with a line for each row and scenario. Figures are in bytes, nanoseconds
// and tokens per second, with n and the limits of the 95 % intervals.
ReportDocument BuildFigures(const Document& document);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_FIGURES_H_
