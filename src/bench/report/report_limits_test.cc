#include "bench/report/report_limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> Texts(const std::vector<ReportCell>& cells) {
  std::vector<std::string> texts;
  for (const ReportCell& cell : cells) texts.push_back(CellText(cell));
  return texts;
}

Document OneScenario() {
  Document document;
  document.scenarios.emplace_back();
  document.session.rows = {"native"};
  return document;
}

TEST(ReportLimitsTest, AScenariosLimitsAreNamedAndTheirAbsenceIsNot) {
  Scenario scenario;
  EXPECT_EQ(ScenarioLimits(scenario), "");
  scenario.limit_bytes = 512 * kMebibyte;
  scenario.cold = true;
  EXPECT_EQ(ScenarioLimits(scenario), " · limit 512.0 MiB · cold page cache");
}

TEST(ReportLimitsTest, ARequiredRowShowsTheDecidingRunAndWhatStoppedItBelow) {
  Document document = OneScenario();
  RequiredRecord required;
  required.row = "native";
  required.required_bytes = 96 * kMebibyte;
  required.unlimited_ns = 1'000'000'000;
  required.files = 3;
  required.file_bytes = 100 * kMebibyte;
  required.probes = {{std::nullopt, "done", 1'000'000'000, 90 * kMebibyte, 2 * kMebibyte},
                     {50 * kMebibyte, "oom-limit", 10, 1 * kMebibyte, kMebibyte},
                     {95 * kMebibyte, "too-slow", 1'100'000'000, 500 * kMebibyte, kMebibyte},
                     {96 * kMebibyte, "done", 1'050'000'000, 91 * kMebibyte, kMebibyte}};
  RunRecord run;
  run.row = "native";
  run.warmup = true;
  run.required = required;
  document.runs.push_back(run);
  const ReportTable table = RequiredTable(document, 0);
  ASSERT_EQ(table.rows.size(), 1u);
  EXPECT_THAT(Texts(table.rows[0]), ElementsAre("native", "96.0", "1.05 / 1.00", "91.0", "100.0",
                                                "2.0", "3", "4", "too-slow at 95.0 MiB"));
  EXPECT_THAT(RequiredTable(document, 1).rows, IsEmpty());
}

TEST(ReportLimitsTest, ASearchThatFoundNothingSaysWhy) {
  Document document = OneScenario();
  RunRecord run;
  run.required.emplace();
  run.required->error = "without a limit it fails: exit 3";
  document.runs.push_back(run);
  EXPECT_EQ(CellText(RequiredTable(document, 0).rows[0].back()),
            "without a limit it fails: exit 3");
}

TEST(ReportLimitsTest, NotesTellTheRateAndTheCostOfWatching) {
  Document document = OneScenario();
  RunRecord run;
  run.row = "native";
  run.outcome.result.emplace();
  run.outcome.memory.sample_count = 400;
  run.outcome.memory.watched_ns = 2'000'000'000;
  run.outcome.memory.watcher_cpu_ns = 10'000'000;
  run.outcome.memory.processes_seen = 2;
  run.outcome.memory.cgroup_peak_bytes = 7 * kMebibyte;
  document.runs.push_back(run);
  document.session.watch_cost = WatchCost{5'000'000, 250'000'000, {99, 99, 99}, {100, 100, 100}};
  EXPECT_THAT(
      WatchingNotes(document, 0),
      ElementsAre("native: memory was read 200 times a second, which took 0.50 % of one CPU",
                  HasSubstr("native: its cgroup's own peak is 7.0 MiB"),
                  "sampling memory costs 1.00 % of native's decode speed (95 % interval 1.00 to "
                  "1.00 %, 3 pairs of windows of 250 ms)"));
}

TEST(ReportLimitsTest, AColdScenarioTellsWhatStayedCached) {
  Document document = OneScenario();
  document.scenarios[0].scenario.cold = true;
  RunRecord run;
  run.page_cache_files = {{"a", 10 * kMebibyte, kMebibyte}, {"b", 10 * kMebibyte, 2 * kMebibyte}};
  document.runs.push_back(run);
  EXPECT_THAT(WatchingNotes(document, 0), ElementsAre(HasSubstr("at most 3.0 MiB")));
}

}  // namespace
}  // namespace tare
