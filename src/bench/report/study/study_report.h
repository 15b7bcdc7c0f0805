#ifndef TARE_BENCH_REPORT_STUDY_STUDY_REPORT_H_
#define TARE_BENCH_REPORT_STUDY_STUDY_REPORT_H_

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"
#include "bench/results/document.h"

namespace tare {

struct StudyReportOptions {
  bool against_study = false;  // set the study's published figures beside ours
  RankingOptions ranking = {};
};

// The study's report, section by section, from data: every sentence follows from a rule that the
// appendix states, names its figures, and is absent where the data does not carry it. Scenarios of
// the study's workload; all scenarios where there is none. A pure function of its
// arguments.
ReportDocument BuildStudyReport(const Document& document, const StudyReportOptions& options = {});

}  // namespace tare

#endif  // TARE_BENCH_REPORT_STUDY_STUDY_REPORT_H_
