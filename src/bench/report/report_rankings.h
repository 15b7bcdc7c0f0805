#ifndef TARE_BENCH_REPORT_REPORT_RANKINGS_H_
#define TARE_BENCH_REPORT_REPORT_RANKINGS_H_

#include <span>

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"

namespace tare {

// The rankings of BuildReport: by memory and by decode speed, each with the rows that are in none.
void AddRankings(std::span<const RankedRow> rows, ReportBlocks& blocks);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_RANKINGS_H_
