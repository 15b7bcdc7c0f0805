#include "bench/report/study/study_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/units.h"
#include "bench/report/figures.h"
#include "bench/report/render.h"
#include "bench/report/report.h"
#include "bench/report/study/study_rules.h"

namespace tare {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr uint64_t kMs = 1'000'000;
constexpr uint64_t kRuns = 5;

struct RowSpec {
  std::string name;
  std::string device = "CPU";
  uint64_t initial_mib = 100;
  uint64_t loaded_mib = 1500;
  uint64_t peak_mib = 1600;
  uint64_t token_ms = 10;
  uint32_t last_id = 6;
  bool python = false;
};

MemoryRecord MemoryOf(const RowSpec& spec, uint64_t round) {
  MemoryRecord memory;
  for (size_t i = 0; i < kStageCount; ++i) {
    StageReading reading;
    reading.stage = static_cast<Stage>(i);
    reading.rss_bytes = (i == 0 ? spec.initial_mib : spec.loaded_mib) * kMebibyte;
    reading.anon_bytes = reading.rss_bytes;
    memory.stages.push_back(reading);
  }
  memory.peak_rss_low_bytes = memory.peak_rss_high_bytes = (spec.peak_mib + round) * kMebibyte;
  return memory;
}

RunRecord RunOf(const RowSpec& spec, uint64_t round) {
  RunRecord run;
  run.row = spec.name;
  run.round = round;
  run.outcome.hello = HelloMessage{
      .backend = spec.name, .versions = {{"p", "1"}}, .device = spec.device, .model = {}};
  if (spec.python) run.outcome.hello->versions["python"] = "3.11";
  run.outcome.memory = MemoryOf(spec, round);
  run.outcome.stage_reached = Stage::kFinal;
  Generation generation{.prompt_tokens = 2,
                        .ids = {4, 5, spec.last_id},
                        .token_ns = {},
                        .decode_ns = {},
                        .total_ns = 4 * spec.token_ms * kMs + round,
                        .text = "a word"};
  for (uint64_t i = 1; i <= 3; ++i) generation.token_ns.push_back(i * spec.token_ms * kMs + round);
  run.outcome.result = ResultMessage{200 * kMs, {generation, generation}};
  return run;
}

Document DocumentOf(const std::vector<RowSpec>& rows) {
  Document document;
  document.session.runs = kRuns;
  document.session.command = {"tare", "bench", "-m", "m.gguf"};
  ScenarioRecord scenario;
  scenario.scenario = {"m.gguf", Workload{}, 2, "greedy"};
  scenario.model.path = "m.gguf";
  scenario.model.weights_bytes = scenario.model.bytes_read_per_token = 1000 * kMebibyte;
  document.scenarios = {scenario};
  for (const RowSpec& row : rows) {
    document.session.rows.push_back(row.name);
    for (uint64_t round = 0; round < kRuns; ++round) document.runs.push_back(RunOf(row, round));
  }
  return document;
}

// The whole report without line breaks in paragraphs.
std::string Unbroken(const ReportDocument& report) {
  return RenderText(report, {.columns = SIZE_MAX, .wide = true});
}
std::string TextOf(const Document& document, const StudyReportOptions& options = {}) {
  return Unbroken(BuildStudyReport(document, options));
}

RowSpec Native() { return {.name = "native"}; }

StudyReportOptions SameTokens() { return {.ranking = {.same_tokens = true}}; }

TEST(StudyRulesTest, StarsFollowTheirBounds) {
  EXPECT_EQ(EfficiencyStars(125, 100), 5);
  EXPECT_EQ(EfficiencyStars(126, 100), 4);
  EXPECT_EQ(EfficiencyStars(225, 100), 3);
  EXPECT_EQ(EfficiencyStars(300, 100), 2);
  EXPECT_EQ(EfficiencyStars(301, 100), 1);
}

TEST(StudyRulesTest, ABoundBelongsToTheClassAboveIt) {
  EXPECT_EQ(MemoryClass(1024 * kMib - 1), "good");
  EXPECT_EQ(MemoryClass(1024 * kMib), "acceptable");
  EXPECT_EQ(MemoryClass(3 * 1024 * kMib), "high");
  EXPECT_EQ(MemoryClass(5 * 1024 * kMib), "critical");
  EXPECT_EQ(SpeedClass(0.99), "low");
  EXPECT_EQ(SpeedClass(1), "moderate");
  EXPECT_EQ(SpeedClass(2), "good");
  EXPECT_EQ(SpeedClass(3), "excellent");
}

TEST(StudyReportTest, RulesStandInTheAppendixAndTheStudyIsIntroduced) {
  const std::string text = TextOf(DocumentOf({Native(), {.name = "big", .peak_mib = 6000}}));
  EXPECT_THAT(text, ::testing::StartsWith("This report has the sections of the \"Keras "));
  EXPECT_THAT(text, Not(::testing::ContainsRegex("[(]R[0-9]")));
  const std::string appendix = text.substr(text.find("Appendix"));
  for (const StudyRule& rule : StudyRules()) EXPECT_THAT(appendix, HasSubstr(rule.text));
}

TEST(StudyReportTest, WhereARankedRowRunsInPythonGrowthIsRanked) {
  const RowSpec lean = {
      .name = "lean", .initial_mib = 500, .peak_mib = 1900, .token_ms = 30, .python = true};
  const std::string text = TextOf(DocumentOf({Native(), lean}));
  EXPECT_THAT(text, HasSubstr("lowest memory added after start-up: lean, 1402"));
  EXPECT_THAT(text, HasSubstr("Memory ranking, by memory added after start-up"));
  EXPECT_THAT(text, HasSubstr("lean runs in Python, whose interpreter and imports are left out"));
  EXPECT_THAT(text, HasSubstr("memory-constrained: native"));

  RowSpec other = lean;
  other.last_id = 7;
  const Document document = DocumentOf({Native(), {.name = "c"}, other});
  EXPECT_THAT(TextOf(document), HasSubstr("Memory ranking, by memory added after start-up"));
  EXPECT_THAT(TextOf(document, SameTokens()), HasSubstr("Memory ranking, by peak RSS"));
}

TEST(StudyReportTest, RankingsAreByMemoryAndBySpeed) {
  const Document document = DocumentOf({Native(),
                                        {.name = "lean", .peak_mib = 1200, .token_ms = 30},
                                        {.name = "big", .peak_mib = 6000, .token_ms = 20}});
  const std::string text = TextOf(document);
  EXPECT_THAT(text, HasSubstr("lowest peak RSS: lean, 1202"));
  EXPECT_THAT(text, HasSubstr("highest speed: native, 75.00"));
  EXPECT_THAT(text, HasSubstr("1. lean: 1202"));
  EXPECT_THAT(text, HasSubstr("2. big: 37.50"));
  EXPECT_THAT(text, HasSubstr("big peaks at 6,002 MiB: critical"));
  EXPECT_THAT(text, HasSubstr("balanced: native"));
}

constexpr char kOdd[] = "tokens differ from native's at generation 1, token 3";

Document WithOddRow() {
  return DocumentOf({Native(),
                     {.name = "odd", .peak_mib = 1100, .token_ms = 1, .last_id = 7},
                     {.name = "big", .peak_mib = 3000, .token_ms = 20}});
}

TEST(StudyReportTest, RowsWithOtherTokensAreRankedWithANote) {
  const std::string text = TextOf(WithOddRow());
  const std::string note = fmt::format("({})", kOdd);
  EXPECT_THAT(text, HasSubstr("lowest peak RSS: odd, 1102 [1100, 1104] MiB " + note));
  EXPECT_THAT(text, HasSubstr("highest speed: odd, 750.00 [750.00, 750.00] tokens/s " + note));
  EXPECT_THAT(text, HasSubstr("1. odd: 1102 [1100, 1104] MiB " + note));
  EXPECT_THAT(text, HasSubstr("1. odd: 750.00 [750.00, 750.00] tokens/s " + note));
  EXPECT_THAT(text, HasSubstr(fmt::format("high performance: odd (750.00 tokens/s, 1,102 MiB peak, "
                                          "smallest limit not measured; {})",
                                          kOdd)));
  EXPECT_THAT(text, HasSubstr("odd made other tokens than native"));
  EXPECT_THAT(text, Not(HasSubstr("not ranked: odd")));
}

TEST(StudyReportTest, OnRequestRowsWithOtherTokensAreInNoRanking) {
  const std::string text = TextOf(WithOddRow(), SameTokens());
  EXPECT_THAT(text, HasSubstr(fmt::format("not ranked: odd: {}", kOdd)));
  EXPECT_THAT(text, HasSubstr("lowest peak RSS: native, 1602"));
  EXPECT_THAT(text, HasSubstr("high performance: native"));
  EXPECT_THAT(text, Not(HasSubstr("1. odd")));
}

TEST(StudyReportTest, ARowAloneIsCalledNeitherLowestNorFastest) {
  const std::string text =
      TextOf(DocumentOf({Native(), {.name = "odd", .last_id = 7}}), SameTokens());
  EXPECT_THAT(
      text, HasSubstr("native is the only ranked backend: there is nothing to compare it with\n"));
  EXPECT_THAT(text, HasSubstr("there is nothing to compare it with (1602 [1600, 1604] MiB)"));
  for (const char* claim : {"lowest peak RSS:", "highest speed:", "1. native", "high performance",
                            "memory-constrained", "balanced"}) {
    EXPECT_THAT(text, Not(HasSubstr(claim)));
  }
  EXPECT_THAT(text, HasSubstr("only one fits"));
}

TEST(StudyReportTest, RowsWithinNoiseShareTheFirstPlace) {
  const std::string text = TextOf(DocumentOf(
      {Native(), {.name = "near", .peak_mib = 1601}, {.name = "far", .peak_mib = 3000}}));
  EXPECT_THAT(text,
              HasSubstr("lowest peak RSS: native, 1602 [1600, 1604] MiB; within noise: near\n"));
}

TEST(StudyReportTest, AfterTooFewRunsThereIsNoVerdict) {
  Document document = DocumentOf({Native(), {.name = "big", .peak_mib = 6000}});
  std::erase_if(document.runs, [](const RunRecord& run) { return run.round > 1; });
  const std::string text = TextOf(document);
  EXPECT_THAT(text,
              HasSubstr("lowest peak RSS: native, 1600 MiB; next is big, 6000 MiB; too few runs "
                        "for a verdict"));
  EXPECT_THAT(text.substr(0, text.find("Appendix")), Not(HasSubstr("within noise")));
}

TEST(StudyReportTest, DecodeSpeedHasARankingOfItsOwn) {
  Document document = DocumentOf({Native(), {.name = "quick", .token_ms = 5}, {.name = "blind"}});
  for (RunRecord& run : document.runs) {
    if (run.row != "blind") continue;
    for (Generation& g : run.outcome.result->generations) g.token_ns.clear();
  }
  std::string text = TextOf(document);
  text.erase(0, text.find("Decode ranking"));
  EXPECT_THAT(text, HasSubstr("1. quick: 200.00"));
  EXPECT_THAT(text, HasSubstr("2. native: 100.00"));
  EXPECT_THAT(text.substr(0, text.find("\n\n")), Not(HasSubstr("blind")));
}

TEST(StudyReportTest, SectionsAreAbsentWhereTheDataDoesNotCarryThem) {
  const std::string text = TextOf(DocumentOf({Native()}));
  EXPECT_THAT(text, AllOf(Not(HasSubstr("Impact of the OpenVINO fix")), Not(HasSubstr("GPU")),
                          Not(HasSubstr("with OpenVINO")), Not(HasSubstr("Einsums of this model")),
                          Not(HasSubstr("next is"))));
  EXPECT_EQ(RenderText(BuildStudyReport(Document{})), "");
}

TEST(StudyReportTest, TheFixIsShownWithAndWithout) {
  const Document document = DocumentOf({Native(),
                                        {.name = "keras-openvino-2025.2", .peak_mib = 4000},
                                        {.name = "keras-openvino", .peak_mib = 3000}});
  const std::string text = TextOf(document);
  EXPECT_THAT(text, HasSubstr("Impact of the OpenVINO fix"));
  EXPECT_THAT(text, HasSubstr("-25.0 % [-25.0, -25.0]"));
  EXPECT_THAT(text, HasSubstr("-1000 [-1000, -1000]")) << "a round adds the same to both";
  EXPECT_THAT(text, HasSubstr("-20.8 %")) << "the study's own";
  EXPECT_THAT(text, HasSubstr("+0.00 [+0.00, +0.00], within noise")) << "the same times";
  EXPECT_THAT(text, HasSubstr("3.90 ×"));
  EXPECT_THAT(text, HasSubstr("equal (6)"));
  EXPECT_THAT(text, HasSubstr("with OpenVINO, for memory: keras-openvino ("));
}

TEST(StudyReportTest, RowsUnderTareRunStandBesideThoseTheyTrim) {
  Document document = DocumentOf({Native(),
                                  {.name = "keras-openvino", .peak_mib = 3000},
                                  {.name = "keras-openvino+tare", .peak_mib = 1500, .last_id = 9},
                                  {.name = "keras-jax", .peak_mib = 2000},
                                  {.name = "keras-jax+tare", .peak_mib = 1900}});
  document.scenarios[0].model.einsums = {{"abc,cde->abde", "query", 6, true, true, "MatMul"}};
  for (RunRecord& run : document.runs) {
    if (!run.row.ends_with("+tare")) continue;
    TrimReport& trim = run.outcome.trim.emplace();
    trim.lean.shared_bytes = 1353 * kMebibyte;
    if (run.row != "keras-openvino+tare") continue;
    trim.hook.einsums = {{"xyz,zuv->xyuv", "variable, constant", 48, ""},
                         {"aab,b->a", "variable, variable", 2, "a label occurs twice"}};
    trim.hook.parked_bytes = 64 * kMebibyte;
    trim.hook.unparked = {"the disk is full"};
  }
  const std::string text = TextOf(document);
  EXPECT_THAT(text,
              HasSubstr("tare run on OpenVINO 2026.4.1 changes peak RSS from 3,002 to 1,502"));
  EXPECT_THAT(text, HasSubstr("Impact of lean loading"));
  EXPECT_THAT(text, HasSubstr("differ: generation 1, token 3"));
  EXPECT_THAT(text, HasSubstr("equal (6)"));
  EXPECT_THAT(text, Not(HasSubstr("upstream's einsum fix"))) << "its other row is not there";
  EXPECT_THAT(text, HasSubstr("What tare run did"));
  EXPECT_THAT(text, ::testing::ContainsRegex("xyz,zuv->xyuv +query +variable, constant +48 +yes"));
  EXPECT_THAT(text, HasSubstr("no: a label occurs twice"));
  EXPECT_THAT(text, HasSubstr("constants stayed in the heap: the disk is full"));
}

TEST(StudyReportTest, AFewRunsGiveAChangeWithoutAnInterval) {
  Document document = DocumentOf({Native(),
                                  {.name = "keras-openvino", .peak_mib = 3000},
                                  {.name = "keras-openvino+tare", .peak_mib = 1500}});
  std::erase_if(document.runs, [](const RunRecord& run) { return run.round > 1; });
  const std::string text = TextOf(document);
  EXPECT_THAT(text, HasSubstr("-50.0 %"));
  EXPECT_THAT(text, Not(HasSubstr("-50.0 % [")));
}

TEST(StudyReportTest, AGpuRowHasATableOfItsOwnAndStandsBesideItsCpuRow) {
  const Document document = DocumentOf({Native(),
                                        {.name = "keras-torch", .peak_mib = 2000},
                                        {.name = "keras-torch:gpu",
                                         .device = "cpu (CUDA available: False)",
                                         .peak_mib = 2500,
                                         .token_ms = 5}});
  const std::string text = TextOf(document);
  EXPECT_THAT(text, HasSubstr("GPU backends"));
  EXPECT_THAT(text, HasSubstr("CPU and GPU\n"));
}

TEST(StudyReportTest, DeviceMemoryAndMissingDevicesStandInTheGpuTable) {
  Document document = DocumentOf({Native(), {.name = "keras-torch:gpu", .device = "H100"}});
  for (RunRecord& run : document.runs) {
    if (run.row == "native") continue;
    run.outcome.memory.device = DeviceMemory{true, 777 * kMebibyte, 9, 5 * kMs, ""};
    for (StageReading& stage : run.outcome.memory.stages) stage.device_bytes = 555 * kMebibyte;
  }
  RunRecord missing;
  missing.row = "keras-jax:gpu";
  missing.outcome.failure = Failure{"no-device", "no NVIDIA GPU"};
  document.session.rows.push_back(missing.row);
  document.runs.push_back(missing);
  std::string text = TextOf(document);
  text.erase(0, text.find("GPU backends"));
  text.erase(text.find("\n\n", text.find("keras-jax:gpu")));
  EXPECT_THAT(text, AllOf(HasSubstr("peak GPU MiB"), HasSubstr("777 [777, 777]"),
                          HasSubstr("not available here")));
  EXPECT_THAT(RenderCsv(BuildFigures(document)), HasSubstr(",814743552,814743552,814743552"));
  const std::string tables = Unbroken(BuildReport(document));
  EXPECT_THAT(tables, AllOf(HasSubstr("GPU MiB"), HasSubstr("555.0"), HasSubstr("777.0"),
                            HasSubstr("keras-jax:gpu: not available here: no NVIDIA GPU"),
                            HasSubstr("that of its processes")));
  EXPECT_THAT(RenderText(BuildReport(DocumentOf({Native()}))), Not(HasSubstr("GPU")));
}

TEST(StudyReportTest, WhatARowRequiresDecidesWhereItFits) {
  // A file that is mapped and read repeatedly: the peak is 1.4 GiB, but the row needs 2.5 GiB.
  Document document = DocumentOf({Native(), {.name = "maps", .peak_mib = 1400}});
  EXPECT_THAT(TextOf(document),
              AllOf(HasSubstr("memory-constrained: maps"), Not(HasSubstr("Required memory"))));
  RunRecord search;
  search.row = "maps";
  search.round = kRuns;
  RequiredProbe enough;
  enough.limit_bytes = 2560 * kMebibyte;
  enough.outcome = "done";
  search.required.emplace();
  search.required->row = "maps";
  search.required->required_bytes = enough.limit_bytes;
  search.required->probes = {enough};
  document.runs.push_back(search);
  const std::string text = TextOf(document);
  EXPECT_THAT(text, AllOf(HasSubstr("Required memory"), HasSubstr("2560.0"),
                          HasSubstr("memory-constrained: native"),
                          HasSubstr("1,402 MiB peak, 2,560 MiB required")));
}

// A search that found a limit at which the row finishes in time.
RunRecord SearchOf(const std::string& row, uint64_t required_mib) {
  RunRecord search;
  search.row = row;
  search.round = kRuns;
  search.required.emplace().required_bytes = required_mib * kMebibyte;
  search.required->row = row;
  return search;
}

// The line of the budget table that starts with `budget`.
std::string FitsIn(const std::string& budget, const std::string& text) {
  const size_t table = text.find("Deployment guidelines");
  const size_t begin = text.find(budget, table);
  return text.substr(begin, text.find('\n', begin) - begin);
}

TEST(StudyReportTest, ALimitThatAnotherSessionMeasuredIsNotContradicted) {
  const Document document = DocumentOf({Native(), {.name = "maps", .peak_mib = 1400}});
  EXPECT_THAT(FitsIn("2 GiB", TextOf(document)),
              ::testing::MatchesRegex("2 GiB +none +native, maps .*"));
  Document other = DocumentOf({{.name = "maps"}});
  other.session.id = 12;
  other.runs = {SearchOf("maps", 2560)};
  const std::string text = TextOf(document, {.ranking = {.others = {&other, 1}}});
  EXPECT_THAT(FitsIn("2 GiB", text), Not(HasSubstr("maps")));
  EXPECT_THAT(FitsIn("3 GiB", text), ::testing::MatchesRegex("3 GiB +maps +native .*"));
  EXPECT_THAT(text, HasSubstr("1,402 MiB peak, 2,560 MiB required (session 12)"));
  EXPECT_THAT(text, HasSubstr("memory-constrained: native"));
}

TEST(StudyReportTest, ALimitThatStoppedARowIsNotSaidToFitIt) {
  const Document document = DocumentOf({Native(), {.name = "maps", .peak_mib = 1400}});
  Document other = DocumentOf({{.name = "maps"}});
  other.session.id = 12;
  other.scenarios[0].scenario.limit_bytes = 2048 * kMebibyte;
  other.runs.resize(1);
  other.runs[0].outcome.failure = Failure{"oom-limit", "killed"};
  const std::string text = TextOf(document, {.ranking = {.others = {&other, 1}}});
  EXPECT_THAT(FitsIn("2 GiB", text), Not(HasSubstr("maps")));
  EXPECT_THAT(FitsIn("3 GiB", text), HasSubstr("maps"));
  EXPECT_THAT(text, HasSubstr("smallest limit not measured, more than 2,048 MiB (session 12)"));
}

TEST(StudyReportTest, AKvCacheIsNoCopyOfTheWeights) {
  Document document = DocumentOf({Native(), {.name = "long", .peak_mib = 2300}});
  ScenarioRecord& scenario = document.scenarios[0];
  EXPECT_THAT(
      TextOf(document),
      HasSubstr(
          "long adds 2,202 MiB after start-up, 2.20 × its weights: 1,202 MiB beyond one copy, "
          "KV cache included"));
  scenario.asked.generations = {{{"", {1, 2}}, 98}, {{"", {1}}, 3}};
  scenario.model.cache_bytes_per_token = kMebibyte;
  EXPECT_THAT(TextOf(document), HasSubstr("1,102 MiB beyond one copy and 100 MiB of KV cache: room "
                                          "for 1 copy more"));
  scenario.model.cache_bytes_per_token = 5 * kMebibyte;
  EXPECT_THAT(TextOf(document), Not(HasSubstr("long adds")));
}

TEST(StudyReportTest, CopiesAreOfTheWeightsThatTheRowWasGiven) {
  Document document = DocumentOf({Native(), {.name = "wide", .peak_mib = 2300}});
  document.scenarios[0].converted["wide"].facts.weights_bytes = 2000 * kMebibyte;
  EXPECT_THAT(TextOf(document), Not(HasSubstr("wide adds")));
}

TEST(StudyReportTest, EinsumsOfTheModelAreListed) {
  Document document = DocumentOf({Native()});
  document.scenarios[0].model.einsums = {{"abc,cde->abde", "query", 6, true, true, "MatMul"},
                                         {"ab,ab->a", "odd", 1, false, false, "no product"}};
  const std::string text = TextOf(document);
  EXPECT_THAT(text, HasSubstr("abc,cde->abde"));
  EXPECT_THAT(text, HasSubstr("no: no product"));
  EXPECT_THAT(text, HasSubstr("1 einsum of the graph is not rewritten"));
}

TEST(StudyReportTest, TheStudysFiguresStandBesideOurs) {
  const Document document = DocumentOf({Native(), {.name = "keras-torch", .peak_mib = 3017}});
  EXPECT_THAT(TextOf(document), Not(HasSubstr("Beside the study")));
  const std::string text = TextOf(document, {.against_study = true});
  EXPECT_THAT(text, HasSubstr("Beside the study"));
  EXPECT_THAT(text, HasSubstr("+0.1 %"));
  EXPECT_THAT(text, HasSubstr("words per second"));
  EXPECT_THAT(text, HasSubstr("tokenizer, chosen greedily; words/s"));
}

TEST(StudyReportTest, WhatStandsBesideTheStudyFollowsFromTheseRuns) {
  const Document document =
      DocumentOf({Native(),
                  {.name = "keras-openvino-2025.2", .peak_mib = 4000},
                  {.name = "keras-openvino", .peak_mib = 3000, .last_id = 7}});
  const std::string text = TextOf(document, {.against_study = true});
  EXPECT_THAT(text, HasSubstr("chosen greedily, though not all rows make the same; words/s"));
  EXPECT_THAT(text, HasSubstr("peak RSS by -25.0 % [-25.0, -25.0] here and by -20.8 % in"));
}

TEST(StudyReportTest, FailedRowsAreWarnedOf) {
  Document document = DocumentOf({Native()});
  RunRecord broken;
  broken.row = "broken";
  broken.outcome.failure = Failure{"oom-limit", "killed"};
  document.session.rows.push_back("broken");
  document.runs.push_back(broken);
  EXPECT_THAT(TextOf(document), HasSubstr("broken failed: oom-limit"));
  EXPECT_THAT(RenderCsv(BuildFigures(document)), HasSubstr(",broken,oom-limit,0,"));
}

TEST(StudyReportTest, CsvHasALineARowAndQuotesWhatNeedsIt) {
  Document document = DocumentOf({Native(), {.name = "b"}});
  document.scenarios[0].scenario.model = "a, \"b\".gguf";
  const std::string csv = RenderCsv(BuildFigures(document));
  EXPECT_EQ(std::ranges::count(csv, '\n'), 3);
  EXPECT_THAT(csv, HasSubstr("\"a, \"\"b\"\".gguf\","));
  const auto fields = [](std::string_view line) { return std::ranges::count(line, ','); };
  const std::string plain = RenderCsv(BuildFigures(DocumentOf({Native()})));
  const size_t end = plain.find("\r\n");
  // The workload's name contains a quoted comma.
  EXPECT_EQ(fields(plain.substr(0, end)) + 1, fields(plain.substr(end)));
}

TEST(StudyReportTest, OverheadIsAbsentWhereItIsNotKnown) {
  Document document = DocumentOf({Native()});
  EXPECT_THAT(TextOf(document), Not(HasSubstr("over the weights it used")));
  EXPECT_THAT(RenderCsv(BuildFigures(document)), HasSubstr(",,,,200000000,"));
  for (RunRecord& run : document.runs) run.outcome.weights_untouched_bytes = 0;
  EXPECT_THAT(TextOf(document),
              HasSubstr("overhead of native over the weights it used: 602.0 MiB"));
}

TEST(StudyReportTest, BlocksAreDataToo) {
  const auto json = nlohmann::json::parse(
      RenderReportJson(BuildStudyReport(DocumentOf({Native()}))), nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["blocks"][0]["kind"], "paragraph");
  EXPECT_EQ(json["blocks"][1]["kind"], "heading");
}

}  // namespace
}  // namespace tare
