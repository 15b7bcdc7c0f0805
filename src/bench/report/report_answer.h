#ifndef TARE_BENCH_REPORT_REPORT_ANSWER_H_
#define TARE_BENCH_REPORT_REPORT_ANSWER_H_

#include <span>
#include <string>
#include <string_view>

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"

namespace tare {

// What a report opens with: one short table and one sentence.

// A backend a line, the lowest peak first; those that failed stand at the end with their reason.
//   all        SummarizeScenario's
//   reference  Session::reference_row
ReportTable AnswerTable(std::span<const RowSummary> all, std::span<const RankedRow> ranked,
                        std::string_view reference);

// Which backend has the lowest peak, which is the fastest, whether tokens agree, which failed.
std::string AnswerSentence(std::span<const RowSummary> all, std::span<const RankedRow> ranked,
                           std::string_view reference);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_ANSWER_H_
