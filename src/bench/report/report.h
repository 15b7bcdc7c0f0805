#ifndef TARE_BENCH_REPORT_REPORT_H_
#define TARE_BENCH_REPORT_REPORT_H_

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"
#include "bench/results/document.h"

namespace tare {

// Builds the report of `tare bench`. It starts with each scenario's answer, one short table and one
// sentence. The method and the details follow: rankings, speed, memory, spreads, notes, warnings,
// failures. A pure function of its arguments.
ReportDocument BuildReport(const Document& document, const RankingOptions& ranking = {});

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_H_
