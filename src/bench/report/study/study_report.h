#ifndef TARE_BENCH_REPORT_STUDY_STUDY_REPORT_H_
#define TARE_BENCH_REPORT_STUDY_STUDY_REPORT_H_

#include <string>
#include <vector>

#include "bench/report/report.h"

namespace tare {

struct StudyReportOptions {
  bool against_study = false;  // set the study's published figures beside ours
  RankingOptions ranking = {};
};

// The study's report, section by section, from data: every sentence follows from a rule that the
// appendix states, names its figures, and is absent where the data does not carry it. Scenarios of
// the study's workload; all scenarios where there is none. A pure function of its
// arguments.
std::vector<ReportBlock> BuildStudyReport(const Document& document,
                                          const StudyReportOptions& options = {});

// One line a row and scenario, RFC 4180; the columns are the tables' figures in bytes, nanoseconds
// and tokens per second, with n and the ends of the 95 % intervals.
std::string RenderCsv(const Document& document);

// The blocks as data: {"schema_version": 1, "blocks": [{"kind": "heading" | "paragraph" | "list" |
// "table", …}]}.
std::string RenderBlocksJson(const std::vector<ReportBlock>& blocks);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_STUDY_STUDY_REPORT_H_
