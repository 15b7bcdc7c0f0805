#ifndef TARE_BENCH_REPORT_STUDY_STUDY_SECTIONS_H_
#define TARE_BENCH_REPORT_STUDY_STUDY_SECTIONS_H_

#include <optional>
#include <span>
#include <string>

#include "bench/report/cells.h"
#include "bench/report/report_document.h"
#include "bench/report/study/study_rules.h"
#include "bench/results/row_runs.h"
#include "bench/stats/bootstrap.h"

namespace tare {

// The sections of BuildStudyReport, each a function from rows to blocks; an empty list where the
// data does not carry the section.

struct StudyContext {
  const Document& document;
  const ScenarioRecord& scenario;
  std::span<const RankedRow> rows;
  std::span<const RowSummary> all;  // rows that came to no result too
  RunsByRow runs;
  size_t index = 0;  // of the scenario
};

ReportBlocks ExecutiveSummary(const StudyContext& context);
ReportBlocks TestConfiguration(const StudyContext& context);
ReportBlocks DeviceTable(const StudyContext& context, bool gpu);
ReportBlocks RankingSections(const StudyContext& context);
ReportBlocks RequiredMemory(const StudyContext& context);
ReportBlocks FixImpact(const StudyContext& context);
ReportBlocks TrimSection(const StudyContext& context);
ReportBlocks EinsumKinds(const StudyContext& context);
ReportBlocks DevicePatterns(const StudyContext& context);
ReportBlocks MemoryPatterns(const StudyContext& context);
ReportBlocks Recommendations(const StudyContext& context);
ReportBlocks Opportunities(const StudyContext& context);
ReportBlocks DeploymentGuidelines(const StudyContext& context);
ReportBlocks StudyWarnings(const StudyContext& context);
ReportBlocks StudyAppendix(const StudyContext& context);
ReportBlocks AgainstStudy(const StudyContext& context);

// What the study's fix changed of a figure (a Metric's name), as a part of what it was; nullopt
// where it does not tell.
std::optional<double> StudyFixChange(std::string_view metric);

// What sections share.
double Grew(const RowSummary& row, Stage from, Stage to);  // bytes of RSS
ReportFigure PlainMibCell(double bytes);                   // "1,353" MiB without a fraction
std::string PlainMib(double bytes);                        // the same as a text
std::string WithRange(const Spread& spread, double scale, int digits);  // MedianCell as a text
// A pair's change of a figure, round by round. Precondition: both rows are there.
std::optional<Effect> FixEffect(const StudyContext& context, const FixPair& pair,
                                std::string_view metric);
// "-21.0 % [-22.1, -19.8]"; with fewer than kFewestForInterval runs a side without the ends.
ReportCell RelativeCell(const Effect& effect, size_t fewest_runs);
const RankedRow* FindRow(std::span<const RankedRow> rows, std::string_view name);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_STUDY_STUDY_SECTIONS_H_
