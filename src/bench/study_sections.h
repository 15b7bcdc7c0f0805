#ifndef TARE_BENCH_STUDY_SECTIONS_H_
#define TARE_BENCH_STUDY_SECTIONS_H_

#include <span>
#include <string>
#include <vector>

#include "bench/report.h"
#include "bench/study_rules.h"

namespace tare {

// The sections of BuildStudyReport, each a function from rows to blocks; an empty list where the
// data does not carry the section.
using ReportBlocks = std::vector<ReportBlock>;

struct StudyContext {
  const Document& document;
  const ScenarioRecord& scenario;
  std::span<const StudyRow> rows;
  std::span<const RowSummary> all;  // rows that came to no result too
};

ReportBlocks ExecutiveSummary(const StudyContext& context);
ReportBlocks TestConfiguration(const StudyContext& context);
ReportBlocks DeviceTable(const StudyContext& context, bool gpu);
ReportBlocks RankingSections(const StudyContext& context);
ReportBlocks FixImpact(const StudyContext& context);
ReportBlocks EinsumKinds(const StudyContext& context);
ReportBlocks DevicePatterns(const StudyContext& context);
ReportBlocks MemoryPatterns(const StudyContext& context);
ReportBlocks Recommendations(const StudyContext& context);
ReportBlocks Opportunities(const StudyContext& context);
ReportBlocks DeploymentGuidelines(const StudyContext& context);
ReportBlocks StudyWarnings(const StudyContext& context);
ReportBlocks StudyAppendix(const StudyContext& context);
ReportBlocks AgainstStudy(const StudyContext& context);

// What sections share.
double Grew(const RowSummary& row, Stage from, Stage to);  // bytes of RSS
std::string PlainMib(double bytes);                        // "1,353" MiB without a fraction
std::string WithRange(const Spread& spread, double scale, int digits);  // "2.5 [2.4, 2.6]"
const StudyRow* FindRow(std::span<const StudyRow> rows, std::string_view name);

}  // namespace tare

#endif  // TARE_BENCH_STUDY_SECTIONS_H_
