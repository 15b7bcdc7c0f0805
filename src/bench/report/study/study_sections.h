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

// The sections of BuildStudyReport. Each function turns rows into blocks, or returns an empty list
// if the data does not support the section.

struct StudyContext {
  const Document& document;
  const ScenarioRecord& scenario;
  std::span<const RankedRow> rows;
  std::span<const RowSummary> all;  // including rows without a result
  RunsByRow runs;
  size_t index = 0;  // the scenario's index
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

// How much the study's fix changed a figure (a Metric's name), relative to the value before;
// nullopt if the study does not say.
std::optional<double> StudyFixChange(std::string_view metric);

// Helpers that sections share.
double Grew(const RowSummary& row, Stage from, Stage to);  // bytes of RSS
ReportFigure PlainMibCell(double bytes);                   // "1,353" MiB without a fraction
std::string PlainMib(double bytes);                        // the same as text
std::string WithRange(const Spread& spread, double scale, int digits);  // MedianCell as text
// A pair's change in a figure, paired by round. Precondition: both rows exist.
std::optional<Effect> FixEffect(const StudyContext& context, const FixPair& pair,
                                std::string_view metric);
// "-21.0 % [-22.1, -19.8]"; without the interval if a side has fewer than kFewestForInterval runs.
ReportCell RelativeCell(const Effect& effect, size_t fewest_runs);
const RankedRow* FindRow(std::span<const RankedRow> rows, std::string_view name);

}  // namespace tare

#endif  // TARE_BENCH_REPORT_STUDY_STUDY_SECTIONS_H_
