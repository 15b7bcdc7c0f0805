#include "bench/plan/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/testing/temp_folder.h"
#include "bench/report/render.h"
#include "bench/report/report.h"
#include "bench/report/report_json.h"
#include "bench/results/result_json.h"
#include "bench/results/summary.h"
#include "bench/testing/fake_worker.h"
#include "bench/watch/worker_run.h"

namespace tare {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string TextOf(const Document& document) {
  return RenderText(BuildReport(document), {.columns = SIZE_MAX});
}

Contender Fake(const std::string& name, const std::string& mode) {
  return {name, Command{FakeWorker(), {"fake_worker", mode}, {}}};
}

BenchPlan PlanWith(std::vector<Contender> contenders) {
  BenchPlan plan;
  plan.scenarios = {{"model.gguf", Workload{}, 2, "greedy"}};
  plan.contenders = std::move(contenders);
  plan.describe = Command{FakeWorker(), {"fake_worker", "describe"}, {}};
  return plan;
}

Document RunPlan(const BenchPlan& plan, uint64_t runs, uint64_t warmups) {
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  Document document;
  document.session.runs = runs;
  document.session.warmups = warmups;
  for (const Contender& contender : plan.contenders) {
    document.session.rows.push_back(contender.name);
  }
  const Status status = RunBench(plan, {}, *interrupt, document);
  EXPECT_TRUE(status.ok()) << status.error().message();
  return document;
}

TEST(RunnerTest, RowsAreInterleavedAndEachSecondRoundGoesBackwards) {
  const Document document = RunPlan(PlanWith({Fake("native", "ok"), Fake("b", "ok")}), 2, 1);
  std::vector<std::string> order;
  for (const RunRecord& run : document.runs) {
    order.push_back(run.row + std::to_string(run.round) + (run.warmup ? "w" : ""));
  }
  EXPECT_THAT(order, ElementsAre("native0w", "b0w", "b1", "native1", "native2", "b2"));
  const auto rows = SummarizeScenario(document, 0);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].good_runs, 2u) << "a warm-up must not count";
  EXPECT_TRUE(rows[1].tokens.equal);
  EXPECT_EQ(rows[1].tokens.compared, 16u);
}

TEST(RunnerTest, TheReportSaysOfBackwardRoundsWhereThereWereSome) {
  const BenchPlan plan = PlanWith({Fake("native", "ok"), Fake("b", "ok")});
  EXPECT_THAT(TextOf(RunPlan(plan, 2, 0)),
              HasSubstr("interleaved, every second round reversed, every run"));
  EXPECT_THAT(TextOf(RunPlan(plan, 1, 0)), HasSubstr("interleaved, every run"));
}

TEST(RunnerTest, AFailingRowIsNotRunAgainAndTheOthersGoOn) {
  const Document document =
      RunPlan(PlanWith({Fake("native", "ok"),
                        Fake("bad", "crash"),
                        {"absent", Unsupported("try: tare backends install absent")}}),
              2, 0);
  EXPECT_EQ(document.runs.size(), 4u);
  const auto rows = SummarizeScenario(document, 0);
  EXPECT_EQ(rows[0].good_runs, 2u);
  EXPECT_EQ(rows[1].good_runs, 0u);
  EXPECT_EQ(rows[2].failed->outcome.failure->reason, "not-installed");
  const std::string text = TextOf(document);
  EXPECT_THAT(text, HasSubstr("stage reached: started; last memory sample"));
  EXPECT_THAT(text, HasSubstr("absent: not-installed: try: tare backends install absent"));
}

TEST(RunnerTest, AMissingDeviceIsSaidBeforeAnythingElseOfItsRow) {
  Contender gpu = {"torch:gpu", Unsupported("not installed either")};
  gpu.gpu = GpuKind::kNvidia;
  gpu.no_device = "no NVIDIA GPU: looked everywhere";
  const Document document = RunPlan(PlanWith({Fake("native", "ok"), gpu}), 2, 0);
  EXPECT_EQ(document.runs.size(), 3u) << "the row is not tried again";
  const auto rows = SummarizeScenario(document, 0);
  EXPECT_EQ(rows[1].failed->outcome.failure->reason, "no-device");
  const std::string text = TextOf(document);
  EXPECT_THAT(text, HasSubstr("torch:gpu: not available here: no NVIDIA GPU: looked everywhere"));
  EXPECT_THAT(text, ContainsRegex("torch:gpu +– .* failed: not available here\n"))
      << "it keeps its place";
}

TEST(RunnerTest, ARowWhosePreparationFailsIsALoadErrorAndTheOthersGoOn) {
  Contender unprepared = Fake("unprepared", "ok");
  unprepared.beforehand = Command{"/bin/sh", {"sh", "-c", "echo no g++ in PATH; exit 1"}, {}};
  Contender prepared = Fake("prepared", "ok");
  prepared.beforehand = Command{"/bin/sh", {"sh", "-c", "exit 0"}, {}};
  const auto rows =
      SummarizeScenario(RunPlan(PlanWith({Fake("native", "ok"), unprepared, prepared}), 1, 0), 0);
  ASSERT_TRUE(rows[1].failed.has_value());
  EXPECT_EQ(rows[1].failed->outcome.failure->reason, "load-error");
  EXPECT_THAT(rows[1].failed->outcome.failure->message, HasSubstr("no g++ in PATH"));
  EXPECT_EQ(rows[0].good_runs, 1u);
  EXPECT_EQ(rows[2].good_runs, 1u);
}

TEST(RunnerTest, ExportedJsonIsWholeAndVersioned) {
  const Document document = RunPlan(PlanWith({Fake("native", "ok"), Fake("bad", "error")}), 1, 0);
  const auto json = nlohmann::json::parse(RenderJson(document), nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["schema_version"], kResultSchemaVersion);
  EXPECT_EQ(json["runs"].size(), 2u);
  EXPECT_EQ(json["runs"][0]["memory"]["stages"].size(), kStageCount);
  EXPECT_EQ(json["runs"][1]["failure"]["reason"], "load-error");
  EXPECT_GT(json["summaries"][0]["rows"][0]["peak_rss_bytes"]["median"], 0);
}

// What Tare's engine and tokenizer do not know is measured with what the others do.
TEST(RunnerTest, AModelThatNativeDoesNotKnowIsMeasuredOnTheOthers) {
  BenchPlan plan = PlanWith({Fake("native", "unsupported"), Fake("b", "ok"), Fake("keras", "ok")});
  plan.contenders[2].forms = {"keras"};
  plan.describe.argv[1] = "describe-unknown";
  const Document document = RunPlan(plan, 1, 0);
  EXPECT_EQ(document.scenarios[0].asked.generations[0].prompt.ids,
            (std::vector<uint32_t>{'H', 'e', 'l', 'l', 'o'}));
  ASSERT_EQ(document.runs.size(), 3u);
  EXPECT_EQ(document.runs[0].outcome.failure->reason, "unsupported");
  EXPECT_TRUE(document.runs[1].outcome.result.has_value());
  EXPECT_EQ(document.runs[2].outcome.failure->reason, "unsupported");
  EXPECT_THAT(document.runs[2].outcome.failure->message, HasSubstr("architecture \"fake\""));
  const std::string text = TextOf(document);
  EXPECT_THAT(text, HasSubstr("not compared, no native"));
  EXPECT_THAT(text, HasSubstr("tokens are not compared, since native has none"));
  EXPECT_THAT(text, HasSubstr("native and keras cannot run it"));
  EXPECT_THAT(text, Not(HasSubstr("failed")));
}

TEST(RunnerTest, PredictionsAreComparedWithTheReferences) {
  const TempFolder folder;
  BenchPlan plan = PlanWith({Fake("a", "ok"), Fake("b", "blurred"), Fake("c", "no-logits"),
                             Fake("d", "short-logits"), Fake("e", "crash")});
  plan.model_cache = folder.path();
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  Document document;
  document.session.reference_row = "a";
  document.session.rows = {"a", "b", "c", "d", "e"};
  document.session.quality = true;
  const Status status = RunBench(plan, {}, *interrupt, document);
  ASSERT_TRUE(status.ok()) << status.error().message();
  ASSERT_EQ(document.runs.size(), 5u + 4) << "what failed is not compared";
  const auto rows = SummarizeScenario(document, 0);
  EXPECT_EQ(rows[1].good_runs, 1u) << "a comparison is no run";
  const DivergenceSummary& same = rows[0].quality->divergence;
  EXPECT_EQ(same.positions, 255u) << "one sequence, as the vocabulary is not known";
  EXPECT_EQ(same.mean_kl, 0);
  EXPECT_EQ(same.top1_agreement, 1);
  EXPECT_EQ(same.perplexity, same.reference_perplexity);
  const DivergenceSummary& blurred = rows[1].quality->divergence;
  // Of two falling exponentials, far from the ends of the vocabulary: with a = exp(-1/2) and
  // b = exp(-1/4), log((1 - a)(1 + b) / ((1 + a)(1 - b))) - 1/4 * 2 a / (1 - a^2) = 0.1980. Ids
  // near the ends differ from it.
  EXPECT_NEAR(blurred.mean_kl, 0.1980, 0.01);
  EXPECT_EQ(blurred.top1_agreement, 1);
  EXPECT_THAT(rows[2].quality->error, HasSubstr("unsupported: no logits"));
  EXPECT_TRUE(rows[2].quality->is_unsupported);
  EXPECT_THAT(rows[3].quality->error, HasSubstr("wrote 4 bytes of logits"));
  EXPECT_FALSE(rows[3].quality->is_unsupported);
  EXPECT_FALSE(rows[4].quality.has_value());
  EXPECT_THAT(folder.Names(), ElementsAre());
  const std::string text = TextOf(document);
  EXPECT_THAT(text,
              ContainsRegex("Quality .predictions of [0-9]+ positions of a fixed text, against a"));
  EXPECT_THAT(text, ContainsRegex("\n  b .* 0.19[0-9]+ .* 100.0"));
  EXPECT_THAT(text, HasSubstr("c: not compared: unsupported: no logits"));
  const auto json = nlohmann::json::parse(RenderJson(document));
  EXPECT_EQ(json["summaries"][0]["rows"][1]["quality"]["top1_agreement"], 1.0);
  EXPECT_EQ(json["runs"][5]["quality"]["reference"], "a");
  const Result<Document> back = DocumentFromJson(RenderJson(document));
  ASSERT_TRUE(back.ok()) << back.error().message();
  const auto again = SummarizeScenario(*back, 0);
  EXPECT_EQ(again[1].quality->divergence.mean_kl, blurred.mean_kl);
  EXPECT_TRUE(again[2].quality->is_unsupported);
  EXPECT_THAT(RenderCsv(BuildReport(document, {})), ContainsRegex("\nb,0.19[0-9]+,[0-9.]+,100.0,"));
  EXPECT_THAT(RenderMarkdown(BuildReport(document, {})), ContainsRegex("\n\\| b \\| 0.19"));
}

TEST(RunnerTest, WithoutAnyTokenizerThereIsNothingToRun) {
  BenchPlan plan = PlanWith({Fake("native", "unsupported"), Fake("b", "no-tokenizer")});
  plan.describe.argv[1] = "describe-unknown";
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  Document document;
  const Status status = RunBench(plan, {}, *interrupt, document);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("native: no tokenizer; b: no tokenizer"));
}

TEST(RunnerTest, AModelThatCannotBeDescribedIsAnErrorBeforeAnyRun) {
  BenchPlan plan = PlanWith({Fake("native", "ok")});
  plan.describe.argv[1] = "exit";
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  Document document;
  const Status status = RunBench(plan, {}, *interrupt, document);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("cannot describe model.gguf"));
  EXPECT_TRUE(document.runs.empty());
}

// A plan whose second row reads only Keras presets. A program stands in for `tare convert`.
BenchPlan PlanToConvert(const std::string& cache, const std::string& script) {
  Contender keras = Fake("keras", "ok");
  keras.forms = {"keras"};
  BenchPlan plan = PlanWith({Fake("native", "ok"), std::move(keras)});
  plan.convert = Command{"/bin/sh", {"sh", "-c", script, "sh"}, {}};
  plan.model_cache = cache;
  return plan;
}

TEST(RunnerTest, AModelIsConvertedOnceForARowThatDoesNotReadIt) {
  const TempFolder folder;
  const std::string cache = folder.path() + "/cache";
  const BenchPlan plan = PlanToConvert(cache, "echo \"$3 $4\" >> \"$2\"");
  const Document document = RunPlan(plan, 1, 0);
  RunPlan(plan, 1, 0);
  const auto& converted = document.scenarios[0].converted;
  ASSERT_EQ(converted.size(), 1u);
  const ConvertedModel& model = converted.at("keras");
  EXPECT_EQ(model.error, "");
  EXPECT_EQ(model.facts.form, "keras");
  EXPECT_TRUE(model.path.starts_with(cache));
  std::ifstream made(model.path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(made), {}), "--to keras\n");
  EXPECT_THAT(TextOf(document), HasSubstr("keras read the model converted to"));
  EXPECT_EQ(SummarizeScenario(document, 0)[1].good_runs, 1u);
}

TEST(RunnerTest, AConversionThatFailsCostsItsOwnRow) {
  const TempFolder folder;
  const Document document =
      RunPlan(PlanToConvert(folder.path(), "echo no such tensor >&2; exit 1"), 1, 0);
  const auto rows = SummarizeScenario(document, 0);
  EXPECT_EQ(rows[0].good_runs, 1u);
  ASSERT_TRUE(rows[1].failed.has_value());
  EXPECT_EQ(rows[1].failed->outcome.failure->reason, "load-error");
  EXPECT_THAT(rows[1].failed->outcome.failure->message, HasSubstr("no such tensor"));
}

TEST(RunnerTest, AFormThatHasNoWordForTheModelIsNoFailure) {
  const TempFolder folder;
  const Document document = RunPlan(
      PlanToConvert(folder.path(), "echo noise; echo tare: error: no class for it >&2; exit 4"), 1,
      0);
  const Failure failure = *SummarizeScenario(document, 0)[1].failed->outcome.failure;
  EXPECT_EQ(failure.reason, kUnsupportedReason);
  EXPECT_EQ(failure.message, "the model could not be converted: no class for it");
}

TEST(RunnerTest, AnInterruptKeepsWhatWasMeasured) {
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  const BenchPlan plan = PlanWith({Fake("native", "ok"), Fake("b", "hang")});
  Document document;
  document.session.runs = 3;
  BenchObserver observer;
  observer.starting = [](const RunRecord& run, size_t, size_t) {
    if (run.row == "b") raise(SIGINT);
  };
  ASSERT_TRUE(RunBench(plan, observer, *interrupt, document).ok());
  EXPECT_TRUE(document.interrupted);
  ASSERT_EQ(document.runs.size(), 2u);
  EXPECT_TRUE(document.runs[0].outcome.result.has_value());
  EXPECT_EQ(document.runs[1].outcome.failure->reason, "interrupted");
}

TEST(RunnerTest, ReadBandwidthIsTakenBeforeAndAfterEachRunThatCounts) {
  BenchPlan plan = PlanWith({Fake("native", "ok")});
  uint64_t asked = 0;
  plan.read_bandwidth = [&] { return std::optional<uint64_t>(++asked * 10); };
  const Document document = RunPlan(plan, 2, 1);
  ASSERT_EQ(document.runs.size(), 3u);
  EXPECT_FALSE(document.runs[0].conditions.read_before_bytes_per_second.has_value()) << "a warm-up";
  EXPECT_EQ(document.runs[1].conditions.read_before_bytes_per_second, 10u);
  EXPECT_EQ(document.runs[1].conditions.read_after_bytes_per_second, 20u);
  EXPECT_EQ(document.runs[2].conditions.read_after_bytes_per_second, 40u);
  const Result<Document> back = DocumentFromJson(RenderJson(document));
  ASSERT_TRUE(back.ok()) << back.error().message();
  EXPECT_EQ(back->runs[2].conditions.read_after_bytes_per_second, 40u);
}

}  // namespace
}  // namespace tare
