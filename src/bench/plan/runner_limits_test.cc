// Limits, required memory and the cost of watching, measured and stored by a whole bench.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "base/units.h"
#include "bench/plan/runner.h"
#include "bench/report/render.h"
#include "bench/report/report.h"
#include "bench/report/report_json.h"
#include "bench/results/result_json.h"
#include "bench/results/summary.h"
#include "bench/testing/cgroup_test.h"
#include "bench/testing/fake_worker.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

class RunnerLimitsTest : public CgroupTest {
 protected:
  Document Run(Scenario scenario, const std::string& mode, bool required, size_t pairs) {
    scenario.model = "model.gguf";
    BenchPlan plan;
    plan.scenarios = {scenario};
    plan.contenders = {{"native", Command{FakeWorker(), {"fake_worker", mode}, {}}}};
    plan.describe = Command{FakeWorker(), {"fake_worker", "describe"}, {}};
    plan.cgroups = &place_->parent();
    plan.watch_cost_pairs = pairs;
    Document document;
    document.session.rows = {"native"};
    document.session.required = required;
    const Status status = RunBench(plan, {}, *interrupt_, document);
    EXPECT_TRUE(status.ok()) << status.error().message();
    return document;
  }
};

TEST_F(RunnerLimitsTest, ARowThatDoesNotFitIsInTheReportWithItsLimitAndStage) {
  Scenario scenario;
  scenario.limit_bytes = 96 * kMebibyte;
  const Document document = Run(scenario, "anon:256", false, 0);
  ASSERT_EQ(document.runs.size(), 1u);
  EXPECT_EQ(document.runs[0].outcome.failure->reason, "oom-limit");
  const std::string text = RenderText(BuildReport(document), {.columns = SIZE_MAX});
  EXPECT_THAT(text, HasSubstr("limit 96.0 MiB"));
  EXPECT_THAT(text, HasSubstr("between stages \"started\" and \"loaded\""));
}

TEST_F(RunnerLimitsTest, ASearchFollowsTheRunsAndAllOfItIsKept) {
  Scenario scenario;
  scenario.cold = true;
  const Document document = Run(scenario, "paced", true, 3);
  ASSERT_EQ(document.runs.size(), 2u);
  EXPECT_FALSE(document.runs[0].required.has_value());
  ASSERT_TRUE(document.runs[1].required.has_value());
  EXPECT_GE(document.runs[1].required->probes.size(), 4u);
  EXPECT_EQ(SummarizeScenario(document, 0)[0].good_runs, 1u) << "a search is not a run";
  ASSERT_EQ(document.runs[0].page_cache_files.size(), 1u);
  EXPECT_EQ(document.runs[0].page_cache_files[0].path, "model.gguf");
  ASSERT_TRUE(document.session.watch_cost.has_value());

  const std::string text = RenderJson(document);
  const Result<Document> back = DocumentFromJson(text);
  ASSERT_TRUE(back.ok()) << back.error().message();
  EXPECT_EQ(RenderJson(*back), text);
  EXPECT_THAT(RenderText(BuildReport(*back)), HasSubstr("Required memory"));
}

}  // namespace
}  // namespace tare
