#ifndef TARE_BENCH_REPORT_REPORT_ANSWER_H_
#define TARE_BENCH_REPORT_REPORT_ANSWER_H_

#include <span>
#include <string>
#include <string_view>

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"

namespace tare {

// The opening of a report: one short table and one sentence.

// One line per backend, lowest peak first. Failed backends are last, with the reason.
//   all        from SummarizeScenario
//   reference  Session::reference_row
ReportTable AnswerTable(std::span<const RowSummary> all, std::span<const RankedRow> ranked,
                        std::string_view reference);

// Names the backend with the lowest peak, the fastest one and those that failed, and says whether
// tokens agree.
std::string AnswerSentence(std::span<const RowSummary> all, std::span<const RankedRow> ranked,
                           std::string_view reference);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_REPORT_ANSWER_H_
