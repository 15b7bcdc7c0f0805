#include "bench/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <functional>
#include <string>

#include "base/testing/test_paths.h"
#include "bench/report/render.h"
#include "bench/report/report_json.h"
#include "bench/results/summary.h"
#include "bench/testing/sample_document.h"
#include "os/proc_files.h"

namespace tare {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using testing::Sample;
using testing::Tokens;

// The whole report without line breaks in paragraphs.
std::string TextOf(const Document& document, const RankingOptions& ranking = {}) {
  return RenderText(BuildReport(document, ranking), {.columns = SIZE_MAX, .wide = true});
}

// If TARE_UPDATE_GOLDEN is set, rewrites the golden file. Read the new file before committing it.
void ExpectGolden(const std::string& name, const std::string& got) {
  const std::string path = SourceFile("tests/golden/" + name);
  if (std::getenv("TARE_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << got;
  const Result<std::string> expected = ReadSmallFile(path);
  ASSERT_TRUE(expected.ok()) << expected.error().message();
  EXPECT_EQ(got, *expected);
}

TEST(ReportTest, TextIsAsTheGoldenFile) {
  ExpectGolden("bench_report.txt", RenderText(BuildReport(Sample())));
}
TEST(ReportTest, MarkdownIsAsTheGoldenFile) {
  ExpectGolden("bench_report.md", RenderMarkdown(BuildReport(Sample())));
}
TEST(ReportTest, JsonIsAsTheGoldenFile) { ExpectGolden("bench_report.json", RenderJson(Sample())); }

TEST(SummaryTest, FiguresFollowTheirDefinitions) {
  const std::vector<RowSummary> rows = SummarizeScenario(Sample(), 0);
  ASSERT_EQ(rows.size(), 3u);
  const RowSummary& native = rows[0];
  EXPECT_DOUBLE_EQ(native.growth_bytes.median, 99.0 * kMebibyte);
  EXPECT_DOUBLE_EQ(native.tare_bytes->median, (104.0 - (96 - 2)) * kMebibyte);
  EXPECT_DOUBLE_EQ(native.decode_tokens_per_second->max, 100);   // 2 tokens in 20 ms
  EXPECT_DOUBLE_EQ(native.prefill_tokens_per_second->max, 200);  // 4 tokens in 20 ms
  EXPECT_DOUBLE_EQ(native.cold_start_seconds.min, 0.02 + 0.2 + 0.05);
  EXPECT_NEAR(native.share_of_limit->median,
              native.decode_tokens_per_second->median * 94 * kMebibyte / 20e9, 1e-12);
  EXPECT_FALSE(rows[1].tokens.equal);
  EXPECT_EQ(rows[1].tokens.generation, 1u);
  EXPECT_EQ(rows[1].tokens.position, 2u);
  EXPECT_EQ(rows[2].good_runs, 0u);
}

// The native row's summary after `change` is applied to each of its runs.
RowSummary NativeAfter(const std::function<void(RunRecord&)>& change) {
  Document document = Sample();
  for (RunRecord& run : document.runs) {
    if (run.row == "native") change(run);
  }
  return SummarizeScenario(document, 0)[0];
}

TEST(SummaryTest, TareIsKnownOnlyWhereTheWeightsStayInTheMappedFile) {
  const auto with_untouched = [](std::optional<uint64_t> bytes) {
    return NativeAfter([&](RunRecord& run) { run.outcome.weights_untouched_bytes = bytes; });
  };
  EXPECT_DOUBLE_EQ(with_untouched(0).tare_bytes->median, (104.0 - 96) * kMebibyte);
  const RowSummary idle_page = with_untouched(2 * kMebibyte + kMebibyte / 2);
  EXPECT_DOUBLE_EQ(idle_page.tare_bytes->median, (104 - 93.5) * kMebibyte);
  EXPECT_EQ(idle_page.weights_untouched_bytes, 2.5 * kMebibyte);
  for (const std::optional<uint64_t> not_there :
       {std::optional<uint64_t>(96 * kMebibyte),                               // dropped
        std::optional<uint64_t>(4 * kMebibyte), std::optional<uint64_t>()}) {  // not mapped
    const RowSummary row = with_untouched(not_there);
    EXPECT_FALSE(row.tare_bytes.has_value());
    EXPECT_FALSE(row.weights_untouched_bytes.has_value());
    EXPECT_DOUBLE_EQ(row.growth_bytes.median, 99.0 * kMebibyte);
  }
}

TEST(SummaryTest, TareIsNotTakenFromOtherWeightsThanThoseAskedFor) {
  Document document = Sample();
  document.scenarios[0].converted["native"].facts.weights_bytes = 96 * kMebibyte;
  EXPECT_TRUE(SummarizeScenario(document, 0)[0].tare_bytes.has_value());
  document.scenarios[0].converted["native"].facts.weights_bytes = 500 * kMebibyte;
  EXPECT_FALSE(SummarizeScenario(document, 0)[0].tare_bytes.has_value());
}

TEST(ReportTest, OverheadThatIsNotKnownIsNotShownAndTheReasonIs) {
  const std::string text = TextOf(Sample());
  EXPECT_THAT(text, ::testing::ContainsRegex("tree +2500.0 .2500.0–2500.0. +– +2420.0 "));
  EXPECT_THAT(text, HasSubstr("is unknown for tree: "));
  EXPECT_THAT(text, Not(HasSubstr("tree    overhead MiB")));
  EXPECT_THAT(RenderJson(Sample()), HasSubstr("\"tare_bytes\":null"));
}

TEST(ReportTest, AnswerComesFirst) {
  const std::string text = RenderText(BuildReport(Sample()));
  const size_t answer = text.find(
      "native has the lowest peak, 104.0 MiB, and is the fastest, 95.5 tokens/s; the tokens of "
      "tree\n"
      "  differ from native's; broken failed. With 2 runs each, a difference may be noise.\n");
  ASSERT_NE(answer, text.npos) << text;
  EXPECT_LT(text.find("  tree "), answer);
  EXPECT_GT(text.find("machine: "), answer);
}

TEST(ReportTest, TheAnswerNamesTwoWinnersAndWhatIsWithinNoise) {
  Document document = Sample();
  document.runs.clear();
  for (uint64_t round = 0; round < 5; ++round) {
    const auto add = [&](const char* row, uint64_t peak_mib, uint64_t speed_ms) {
      document.runs.push_back(testing::GoodRun(
          row, round, testing::MemoryOf({5, 11, 11, 104, 104, 104}, peak_mib), speed_ms, 6));
    };
    add("native", 104 + round, 20);
    add("tree", 105 + round, 10);
  }
  EXPECT_THAT(
      TextOf(document),
      HasSubstr("\nnative has the lowest peak, 106.0 MiB (tree is within noise); tree is the "
                "fastest, 100.0 tokens/s; all make the same tokens.\n"));
}

TEST(ReportTest, APeakOfATreeIsOneNumberWithItsBoundsInANote) {
  const std::string text = TextOf(Sample());
  EXPECT_THAT(text, HasSubstr("tree starts other processes, which may share memory: its peak is "
                              "between 2500.0 and 2600.0 MiB"));
  EXPECT_THAT(text, Not(HasSubstr("…")));
}

TEST(ReportTest, WordsOfTheStudyStayInItsReport) {
  const std::string text = TextOf(Sample());
  for (const char* word : {"words/s", "★", "acceptable", "excellent", "0_INITIAL", "(R"}) {
    EXPECT_THAT(text, Not(HasSubstr(word)));
  }
}

TEST(ReportTest, ARowUnderTareRunIsCalledSo) {
  Document document = Sample();
  document.session.rows[1] = "keras-openvino+tare";
  for (RunRecord& run : document.runs) {
    if (run.row == "tree") run.row = document.session.rows[1];
  }
  const std::string text = TextOf(document);
  EXPECT_THAT(text, HasSubstr("keras-openvino (tare run)"));
  EXPECT_THAT(text, Not(HasSubstr("+tare")));
  EXPECT_THAT(RenderJson(document), HasSubstr("\"keras-openvino+tare\""));
}

TEST(ReportTest, TheSpreadOfOneRunIsItsValueOnce) {
  Document document = Sample();
  std::erase_if(document.runs, [](const RunRecord& run) { return run.round == 1; });
  const std::string text = TextOf(document);
  EXPECT_THAT(text, ::testing::ContainsRegex("native +peak RSS MiB +1 +104.0 +– +– +– +– +– +–\n"));
}

TEST(ReportTest, ARunsShareOfBandwidthIsByItsOwnReadBandwidth) {
  Document document = Sample();
  for (RunRecord& run : document.runs) {
    run.conditions.read_before_bytes_per_second = 30'000'000'000;
    run.conditions.read_after_bytes_per_second = 50'000'000'000;
  }
  const RowSummary native = SummarizeScenario(document, 0)[0];
  EXPECT_NEAR(native.share_of_limit->median,
              native.decode_tokens_per_second->median * 94 * kMebibyte / 40e9, 1e-12);
  EXPECT_THAT(TextOf(document),
              HasSubstr("differed by more than 15 % in 2 of 2 runs (at most 40 %)"));
}

TEST(ReportTest, ARowOfOneTokenHasNoDecodeRate) {
  Document document = Sample();
  for (RunRecord& run : document.runs) {
    if (run.outcome.result) run.outcome.result->generations[1] = Tokens({4}, 2, 1);
  }
  EXPECT_FALSE(SummarizeScenario(document, 0)[0].decode_tokens_per_second.has_value());
  EXPECT_THAT(TextOf(document),
              HasSubstr("native: decode speed unknown; 333.3 tokens/s with the prompt"));
  EXPECT_THAT(TextOf(document), HasSubstr("is the fastest, 333.3 tokens/s with the prompt"));
}

std::string RankingsOf(const Document& document, const RankingOptions& ranking = {}) {
  const std::string text = TextOf(document, ranking);
  const size_t begin = text.find("Ranking by peak RSS");
  return text.substr(begin, text.find("\nSpeed (") - begin);
}

TEST(ReportTest, ARowOfOtherTokensIsRankedWithANoteBesideIt) {
  const std::string rankings = RankingsOf(Sample());
  const std::string note = " (tokens differ from native's at generation 2, token 3)";
  EXPECT_THAT(rankings, HasSubstr("2. tree: 2.5 tokens/s" + note));
  EXPECT_NE(rankings.find(note), rankings.rfind(note)) << "under memory and under decode speed";
}

TEST(ReportTest, OnRequestARowOfOtherTokensIsMarkedAndRankedNowhere) {
  const std::string rankings = RankingsOf(Sample(), {.same_tokens = true});
  EXPECT_THAT(rankings, Not(HasSubstr("2. tree")));
  const std::string mark = "not ranked: tree: tokens differ from native's at generation 2, token 3";
  EXPECT_NE(rankings.find(mark), rankings.rfind(mark)) << "under memory and under decode speed";
}

TEST(ReportTest, ARowAloneIsNotTheFirstOfARanking) {
  const std::string rankings = RankingsOf(Sample(), {.same_tokens = true});
  EXPECT_THAT(rankings, Not(HasSubstr("1. ")));
  EXPECT_THAT(rankings, HasSubstr("native is the only ranked backend: there is nothing to compare "
                                  "it with (95.5 tokens/s)"));
}

TEST(ReportTest, ARowThatDiffersInALaterRunOnlyIsNotedToo) {
  Document document = Sample();
  document.runs[1].outcome.result->generations[1].ids.back() = 6;  // the tree's first run
  EXPECT_THAT(RankingsOf(document), HasSubstr("tokens differ"));
  document.runs[3].outcome.result->generations[1].ids.back() = 6;
  EXPECT_THAT(RankingsOf(document), Not(HasSubstr("tokens differ")));
  EXPECT_THAT(RankingsOf(document), HasSubstr("2. tree"));
}

TEST(ReportTest, ARowThatMadeFewerTokensThanAskedIsMarkedAndRankedNowhere) {
  Document document = Sample();
  document.scenarios[0].scenario.sampler = "top_k";  // sampled tokens are not compared
  document.scenarios[0].asked.generations = {{{"Hello", {1}}, 3}, {{"Test", {1}}, 3}};
  EXPECT_THAT(RankingsOf(document), HasSubstr("2. tree"));
  document.runs[3].outcome.result->generations[0] = Tokens({1, 2}, 5, 1);
  const std::string rankings = RankingsOf(document);
  EXPECT_THAT(rankings, Not(HasSubstr("2. tree")));
  EXPECT_THAT(rankings, HasSubstr("tree: generation 1 made 2 of 3 tokens"));
  EXPECT_THAT(TextOf(document), HasSubstr("2 of 3 tokens"));
}

TEST(ReportTest, ARowOneOfWhoseRunsFailedIsRankedNowhere) {
  Document document = Sample();
  document.scenarios[0].scenario.sampler = "top_k";  // sampled tokens are not compared
  EXPECT_THAT(RankingsOf(document), HasSubstr("2. tree"));
  document.runs[3].outcome.result.reset();
  document.runs[3].outcome.failure = Failure{"timeout", "no answer"};
  const std::string rankings = RankingsOf(document);
  EXPECT_THAT(rankings, ::testing::Not(HasSubstr("2. tree")));
  EXPECT_THAT(rankings, HasSubstr("tree: a run failed: timeout"));
}

TEST(ReportTest, APipeInACellDoesNotBreakAMarkdownTable) {
  EXPECT_EQ(RenderMarkdown({{ReportTable{{"a", "b"}, {{"x|y", "1\n2"}}}}}),
            "| a | b |\n| --- | ---: |\n| x\\|y | 1 2 |\n\n");
}

}  // namespace
}  // namespace tare
