#include "bench/report/study/study_report.h"

#include <filesystem>

#include "base/count_text.h"
#include "bench/report/report_quality.h"
#include "bench/report/study/study_sections.h"
#include "bench/results/study_words.h"

namespace tare {
namespace {

// Introduces the study.
std::string Introduction() {
  return fmt::format(
      "This report has the sections of {}, in short \"the study\". Every figure is measured by "
      "Tare; "
      "the appendix states the rules by which conclusions are drawn.",
      kTheStudy);
}

ReportBlocks ScenarioReport(const StudyContext& context, const StudyReportOptions& options) {
  ReportBlocks blocks;
  blocks.emplace_back(ReportHeading{fmt::format(
      "{} · {} · {}", std::filesystem::path(context.scenario.scenario.model).filename().string(),
      WorkloadName(context.scenario.scenario.workload),
      CountText(context.scenario.scenario.threads, "thread"))});
  Append(ExecutiveSummary(context), blocks);
  Append(TestConfiguration(context), blocks);
  Append(DeviceTable(context, false), blocks);
  Append(DeviceTable(context, true), blocks);
  Append(RankingSections(context), blocks);
  Append(QualitySection(context.all), blocks);
  Append(RequiredMemory(context), blocks);
  Append(FixImpact(context), blocks);
  Append(TrimSection(context), blocks);
  Append(EinsumKinds(context), blocks);
  Append(DevicePatterns(context), blocks);
  Append(MemoryPatterns(context), blocks);
  Append(Recommendations(context), blocks);
  Append(Opportunities(context), blocks);
  Append(DeploymentGuidelines(context), blocks);
  Append(StudyWarnings(context), blocks);
  if (options.against_study) Append(AgainstStudy(context), blocks);
  Append(StudyAppendix(context), blocks);
  return blocks;
}

std::vector<size_t> ScenariosToReport(const Document& document) {
  std::vector<size_t> study;
  std::vector<size_t> all;
  for (size_t i = 0; i < document.scenarios.size(); ++i) {
    all.push_back(i);
    if (document.scenarios[i].scenario.workload.kind == Workload::Kind::kStudy) study.push_back(i);
  }
  return study.empty() ? all : study;
}

}  // namespace

ReportDocument BuildStudyReport(const Document& document, const StudyReportOptions& options) {
  ReportDocument report;
  if (!document.scenarios.empty()) report.blocks.emplace_back(ReportParagraph{Introduction()});
  for (const size_t i : ScenariosToReport(document)) {
    const std::vector<RowSummary> all = SummarizeScenario(document, i);
    const std::vector<RankedRow> rows = RowsToRank(document, i, all, options.ranking);
    Append(
        ScenarioReport({document, document.scenarios[i], rows, all, RunsOfScenario(document, i), i},
                       options),
        report.blocks);
  }
  return report;
}

}  // namespace tare
