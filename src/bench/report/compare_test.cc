#include "bench/report/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "base/testing/fails_with.h"
#include "bench/report/compare_report.h"
#include "bench/report/render.h"
#include "bench/testing/sample_document.h"

namespace tare {
namespace {

using ::testing::HasSubstr;
using testing::kMs;

// One row, "native", with runs of about `decode_ms` per token and `peak_mib` of memory.
Document TimedSession(size_t runs, uint64_t decode_ms, uint64_t peak_mib) {
  Document document = testing::Sample();
  document.session.rows = {"native"};
  document.runs.clear();
  for (size_t round = 0; round < runs; ++round) {
    RunRecord run = testing::GoodRun(
        "native", round, testing::MemoryOf({5, 11, 11, 104, 104, 104}, peak_mib), decode_ms, 6);
    for (Generation& g : run.outcome.result->generations) {
      for (uint64_t& time : g.token_ns) time += round * kMs;  // makes all runs different
      g.token_ns.back() += round * kMs / 2;
      g.total_ns += 2 * round * kMs;
    }
    document.runs.push_back(std::move(run));
  }
  return document;
}

CompareOptions By(std::string_view metric) { return {{*FindMetric(metric)}, {}}; }

const MetricComparison& Only(const Comparison& comparison) {
  return comparison.scenarios.at(0).rows.at(0).metrics.at(0);
}

TEST(CompareTest, ASlowerRowIsARegressionAndAFasterOneIsNot) {
  const Document fast = TimedSession(6, 10, 104);
  const Document slow = TimedSession(6, 30, 104);
  const Result<Comparison> worse = Compare(fast, slow, By("decode_tokens_per_second"));
  ASSERT_TRUE(worse.ok()) << worse.error().message();
  EXPECT_LT(Only(*worse).test.p, 0.05);
  EXPECT_LT(Only(*worse).effect.relative_interval->high, -0.5);
  const auto found = Regressions(*worse, 0.05);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_THAT((*found)[0], HasSubstr("decode_tokens_per_second became worse by 6"));
  EXPECT_TRUE(Regressions(*worse, 0.9)->empty()) << "less than the threshold";
  EXPECT_TRUE(Regressions(*Compare(slow, fast, By("decode_tokens_per_second")), 0.05)->empty());
  EXPECT_TRUE(Regressions(*Compare(fast, fast, By("decode_tokens_per_second")), 0)->empty());
}

TEST(CompareTest, OfMemoryLessIsBetter) {
  const auto found = Regressions(
      *Compare(TimedSession(5, 10, 104), TimedSession(5, 10, 120), By("peak_rss_bytes")), 0.05);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->size(), 1u);
}

TEST(CompareTest, TooFewRunsGiveNoVerdictAndSayHowManyAreNeeded) {
  const auto found = Regressions(
      *Compare(TimedSession(6, 10, 104), TimedSession(4, 30, 104), By("peak_rss_bytes")), 0.05);
  ASSERT_FALSE(found.ok());
  EXPECT_EQ(found.error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(found.error().message(), HasSubstr("at least 5"));
}

TEST(CompareTest, ARowThatFailsNowIsARegression) {
  Document now = TimedSession(0, 10, 104);
  RunRecord failed;
  failed.row = "native";
  failed.outcome.failure = Failure{"oom-limit", "killed"};
  now.runs = {failed};
  const auto found =
      Regressions(*Compare(TimedSession(5, 10, 104), now, By("peak_rss_bytes")), 0.05);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_THAT((*found)[0], HasSubstr("oom-limit"));
}

TEST(CompareTest, WhatIsNotOfOneThingIsRefusedUnlessAllowed) {
  const Document base = TimedSession(5, 10, 104);
  const struct {
    const char* kind;
    void (*change)(Document&);
    const char* says;
  } kCases[] = {
      {"machine", [](Document& d) { d.session.machine.cpu_model = "Other CPU"; }, "Other CPU"},
      {"machine", [](Document& d) { d.session.machine.memory_bytes *= 2; }, "16.0 GiB"},
      {"model", [](Document& d) { d.scenarios[0].model.content_id = "other"; }, "other"},
      {"workload", [](Document& d) { d.scenarios[0].scenario.workload.max_length = 20; }, "20"},
      {"workload", [](Document& d) { d.scenarios[0].scenario.threads = 1; }, "threads: 2 → 1"},
  };
  for (const auto& one : kCases) {
    Document now = base;
    one.change(now);
    CompareOptions options;
    const Result<Comparison> refused = Compare(base, now, options);
    ASSERT_FALSE(refused.ok()) << one.says;
    EXPECT_EQ(refused.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(refused.error().message(), HasSubstr(one.says));
    EXPECT_THAT(refused.error().message(), HasSubstr(one.kind));
    options.allowed = {one.kind};
    const Result<Comparison> allowed = Compare(base, now, options);
    ASSERT_TRUE(allowed.ok()) << allowed.error().message();
    EXPECT_THAT(allowed->notes.front(), HasSubstr(one.says));
  }
}

TEST(CompareTest, EqualSamplesOfAModelAreNotEqualBytes) {
  Document base = TimedSession(5, 10, 104);
  base.scenarios[0].model.content_id = "a sample of the bytes";
  Document now = base;
  base.scenarios[0].model_sha256 = "aa";
  EXPECT_TRUE(Compare(base, now, {}).ok()) << "of one side only the sample is known";
  now.scenarios[0].model_sha256 = "bb";
  EXPECT_THAT(Compare(base, now, {}),
              FailsWith(ErrorCode::kInvalidInput, "the model differs: model SHA-256: aa → bb"));
  now.scenarios[0].model_sha256 = "aa";
  now.scenarios[0].model.content_id = "a sample of other places";
  EXPECT_TRUE(Compare(base, now, {}).ok()) << "all bytes are equal";
}

TEST(CompareTest, VersionsAndTokensThatChangedAreNoted) {
  const Document base = TimedSession(5, 10, 104);
  Document now = base;
  for (RunRecord& run : now.runs) {
    run.outcome.hello->versions["native"] = "2";
    run.outcome.result->generations[1].ids.back() = 99;
  }
  const Result<Comparison> comparison = Compare(base, now, {});
  ASSERT_TRUE(comparison.ok());
  EXPECT_THAT(comparison->notes, ::testing::Contains("native: native 1 → 2"));
  EXPECT_THAT(RenderText(BuildCompareReport(*comparison)),
              HasSubstr("tokens differ from generation 2, token 3 on"));
}

// Adds a comparison of predictions to the session's row.
Document WithQuality(Document document, double mean_kl) {
  RunRecord run;
  run.row = "native";
  run.warmup = true;
  run.quality = QualityRecord{"native", {.positions = 9, .mean_kl = mean_kl}, "", false};
  run.quality->divergence.perplexity = 6;
  run.quality->divergence.reference_perplexity = 5;
  document.runs.push_back(std::move(run));
  return document;
}

TEST(CompareTest, QualityIsShownWhereBothSessionsHaveIt) {
  const Document plain = TimedSession(5, 10, 104);
  const Result<Comparison> comparison =
      Compare(WithQuality(plain, 0.001), WithQuality(plain, 0.002), {});
  ASSERT_TRUE(comparison.ok()) << comparison.error().message();
  const std::string text = RenderText(BuildCompareReport(*comparison));
  EXPECT_THAT(text, HasSubstr("KL divergence 0.00100 → 0.00200 nats"));
  EXPECT_THAT(text, HasSubstr("1.2000 → 1.2000"));
  const auto json = nlohmann::json::parse(RenderCompareJson(*comparison), nullptr, false);
  EXPECT_EQ(json["scenarios"][0]["rows"][0]["quality"]["new"]["mean_kl_nats"], 0.002);
  const Result<Comparison> partial = Compare(plain, WithQuality(plain, 0.002), {});
  EXPECT_THAT(RenderText(BuildCompareReport(*partial)), ::testing::Not(HasSubstr("KL divergence")));
}

TEST(CompareTest, AFigureThatWasAskedForAndIsNotKnownIsNoted) {
  Document known = TimedSession(5, 10, 104);
  for (RunRecord& run : known.runs) run.outcome.weights_untouched_bytes = 2 * kMebibyte;
  const Document unknown = TimedSession(5, 10, 104);
  const Result<Comparison> comparison = Compare(known, unknown, By("tare_bytes"));
  ASSERT_TRUE(comparison.ok()) << comparison.error().message();
  EXPECT_THAT(comparison->notes,
              ::testing::Contains("native: tare_bytes is not known in the new session"));
  EXPECT_TRUE(comparison->scenarios[0].rows[0].metrics.empty());
  EXPECT_TRUE(Compare(unknown, unknown, {})->notes.empty()) << "it was not asked for";
}

TEST(CompareTest, AChangeOfOneRunHasNoInterval) {
  const auto text = [](size_t runs) {
    return RenderText(BuildCompareReport(
        *Compare(TimedSession(runs, 10, 100), TimedSession(runs, 10, 110), By("peak_rss_bytes"))));
  };
  EXPECT_THAT(text(1), HasSubstr("+10.0 %  "));
  EXPECT_THAT(text(2), HasSubstr("+10.0 %  "));
  EXPECT_THAT(text(3), HasSubstr("+10.0 % [+10.0, +10.0]"));
}

TEST(CompareTest, JsonHasTheFiguresInTheirUnits) {
  const Result<Comparison> comparison =
      Compare(TimedSession(5, 10, 100), TimedSession(5, 10, 110), By("peak_rss_bytes"));
  const auto json = nlohmann::json::parse(RenderCompareJson(*comparison), nullptr, false);
  const auto& metric = json["scenarios"][0]["rows"][0]["metrics"][0];
  EXPECT_EQ(metric["base"]["median"], 100.0 * kMebibyte);
  EXPECT_EQ(metric["difference"], 10.0 * kMebibyte);
  EXPECT_NEAR(metric["relative_change"].get<double>(), 0.1, 1e-12);
  EXPECT_EQ(metric["verdict"], "worse");
}

}  // namespace
}  // namespace tare
