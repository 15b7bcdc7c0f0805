#ifndef TARE_BENCH_REPORT_REPORT_QUALITY_H_
#define TARE_BENCH_REPORT_REPORT_QUALITY_H_

#include <span>

#include "bench/report/report_document.h"
#include "bench/results/summary.h"

namespace tare {

// A table of what each row's predictions cost against the reference's, and why some were not
// compared. Empty where none was.
ReportBlocks QualitySection(std::span<const RowSummary> rows);

// Whether some row has figures of quality.
bool HasQuality(std::span<const RowSummary> rows);
// The mean KL divergence; unknown where there is none.
ReportCell QualityCell(const RowSummary& row);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_QUALITY_H_
