#include "bench/report/report_warnings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bench/testing/sample_document.h"

namespace tare {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(ReportWarningsTest, AQuietMachineGivesNone) {
  Session session = testing::Sample().session;
  session.machine.load_average = 0.3;
  session.machine.governor = "performance";
  EXPECT_THAT(SessionWarnings(session), IsEmpty());
}

TEST(ReportWarningsTest, ABusySwappingSlowedMachineGivesAll) {
  Session session = testing::Sample().session;
  session.machine.load_average = 1.5;
  session.machine.governor = "powersave";
  session.machine.swap_used_bytes = 64 << 20;
  EXPECT_THAT(SessionWarnings(session),
              ElementsAre(HasSubstr("load average 1.50"), HasSubstr("64 MiB of swap"),
                          HasSubstr("powersave")));
}

TEST(ReportWarningsTest, RowsWithTheSameWarningShareALine) {
  EXPECT_THAT(ScenarioWarnings(testing::Sample(), 0),
              ElementsAre("native, tree: 2 runs; a 95 % interval needs at least 3"));
}

TEST(ReportWarningsTest, ADisturbedRunWarnsOfItsRow) {
  Document document = testing::Sample();
  document.runs[0].conditions.others_cpu_share = 0.3;
  document.runs[1].conditions.throttle_events = 2;
  document.runs[2].conditions.swapped_pages = 7;
  document.runs[3].outcome.hello->versions["tree"] = "2";
  const std::vector<std::string> warnings = ScenarioWarnings(document, 0);
  EXPECT_THAT(warnings, Contains(HasSubstr("native: other programs used more than 5 % of the CPUs "
                                           "during 1 of 2 runs (at most 30 %)")));
  EXPECT_THAT(warnings, Contains(HasSubstr("tree: the CPU was throttled for heat 2 times")));
  EXPECT_THAT(warnings, Contains(HasSubstr("native: 7 pages were swapped")));
  EXPECT_THAT(warnings, Contains("tree: its runs used different versions"));
}

TEST(ReportWarningsTest, ARowThatACpuQuotaStoppedIsNamed) {
  Document document = testing::Sample();
  document.runs[0].conditions.quota_throttled_periods = 73;
  document.runs[0].conditions.quota_throttled_ns = 3'240'000'000;
  document.runs[1].conditions.quota_throttled_periods = 0;
  EXPECT_THAT(ScenarioWarnings(document, 0),
              Contains("native: a CPU quota stopped its threads in 1 of 2 runs, for 73 periods and "
                       "3.2 s of CPU time in all; use fewer threads (-t)"));
}

TEST(ReportWarningsTest, WarmUpsDoNotCount) {
  Document document = testing::Sample();
  document.runs[0].conditions.others_cpu_share = 0.9;
  document.runs[0].warmup = true;
  EXPECT_THAT(ScenarioWarnings(document, 0),
              ElementsAre("native: 1 run; a 95 % interval needs at least 3",
                          "tree: 2 runs; a 95 % interval needs at least 3"));
}

}  // namespace
}  // namespace tare
