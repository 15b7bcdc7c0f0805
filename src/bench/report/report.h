#ifndef TARE_BENCH_REPORT_REPORT_H_
#define TARE_BENCH_REPORT_REPORT_H_

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"
#include "bench/results/document.h"

namespace tare {

// The tables of every scenario: stages, consumers, summary, health, speed, rankings, failures; and
// what they hold for. A pure function of its arguments.
ReportDocument BuildReport(const Document& document, const RankingOptions& ranking = {});

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_H_
