#ifndef TARE_BENCH_REPORT_STUDY_STUDY_REPORT_H_
#define TARE_BENCH_REPORT_STUDY_STUDY_REPORT_H_

#include "bench/report/ranking.h"
#include "bench/report/report_document.h"
#include "bench/results/document.h"

namespace tare {

struct StudyReportOptions {
  bool against_study = false;  // show the study's published figures beside ours
  RankingOptions ranking = {};
};

// Builds the study's report, section by section, from the data. Each sentence follows from a rule
// in the appendix, gives its figures, and is left out if the data does not support it. Covers the
// scenarios of the study's workload, or all scenarios if there are none. A pure function of its
// arguments.
ReportDocument BuildStudyReport(const Document& document, const StudyReportOptions& options = {});

}  // namespace tare

#endif  // TARE_BENCH_REPORT_STUDY_STUDY_REPORT_H_
