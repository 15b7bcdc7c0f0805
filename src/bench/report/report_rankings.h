#ifndef TARE_BENCH_REPORT_REPORT_RANKINGS_H_
#define TARE_BENCH_REPORT_REPORT_RANKINGS_H_

#include <span>

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"

namespace tare {

// BuildReport's rankings by memory and by decode speed. Each also lists the rows that it leaves
// out.
void AddRankings(std::span<const RankedRow> rows, ReportBlocks& blocks);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_RANKINGS_H_
