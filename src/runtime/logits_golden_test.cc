// Small presets that KerasHub wrote, and the logits and tokens that it made of them
// (tests/golden/make_keras_logits.py).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "base/testing/test_paths.h"
#include "models/model.h"
#include "passes/pass_manager.h"
#include "runtime/evaluator.h"
#include "runtime/executor.h"
#include "tare/generate.h"

namespace tare {
namespace {

using ::testing::ElementsAreArray;
using Ids = std::vector<int32_t>;
using Json = nlohmann::json;

struct Golden {
  explicit Golden(const std::string& family)
      : folder(SourceFile("tests/golden/keras_logits/" + family)), preset(folder + "/preset") {
    std::ifstream file(folder + "/expected.json");
    expected = Json::parse(file, nullptr, false);
    std::ifstream binary(folder + "/logits.f32", std::ios::binary);
    float value = 0.0f;
    while (binary.read(reinterpret_cast<char*>(&value), sizeof value)) logits.push_back(value);
  }

  Ids Tokens() const { return expected.at("tokens").get<Ids>(); }
  Ids Prompt() const { return expected.at("prompt").get<Ids>(); }

  std::string folder;
  std::string preset;
  Json expected;
  std::vector<float> logits;  // [T, V], exact but for the last rounding
};

Engine LoadEngine(const Golden& golden) {
  EngineOptions options;
  options.threads = 2;
  Result<Engine> engine = Engine::Load(golden.preset, options);
  EXPECT_TRUE(engine.ok()) << engine.error().message();
  return *std::move(engine);
}

using Family = const char*;

class LogitsGolden : public ::testing::TestWithParam<std::tuple<Family, CpuIsa>> {
 protected:
  // Logits of every position, `at_once` tokens a step.
  std::vector<float> Run(std::span<const int32_t> ids, size_t at_once, const char* passes = "") {
    const Result<Model> model = Model::Open(golden_.preset);
    EXPECT_TRUE(model.ok()) << model.error().message();
    const KernelTable& kernels = KernelsFor(std::get<CpuIsa>(GetParam()));
    const auto selection = PassSelection::Parse(passes);
    Graph graph = *model->BuildGraph(LogitsFor::kAllTokens);
    KernelEvaluator evaluator(kernels);
    EXPECT_TRUE(RunPasses(*selection, &evaluator, &graph).ok());
    ThreadPool pool(2);
    auto executor =
        Executor::Create(std::move(graph), kernels, pool, selection->Enabled(kReuseMemory));
    EXPECT_TRUE(executor.ok());
    auto cache = KvCache::Create(executor->CacheSlotElements(), ids.size());
    EXPECT_TRUE(cache.ok());
    std::vector<float> all;
    for (size_t i = 0; i < ids.size(); i += at_once) {
      const size_t n = std::min(at_once, ids.size() - i);
      const auto logits = executor->Run(ids.subspan(i, n), *cache);
      EXPECT_TRUE(logits.ok()) << logits.error().message();
      all.insert(all.end(), logits->begin(), logits->end());
    }
    return all;
  }

  void ExpectKerasLogits(const std::vector<float>& got, size_t tokens) {
    const size_t vocabulary = golden_.logits.size() / golden_.Tokens().size();
    ASSERT_EQ(got.size(), tokens * vocabulary);
    const double tolerance = golden_.expected.at("tolerance");
    for (size_t i = 0; i < got.size(); ++i) {
      const double error = std::fabs(static_cast<double>(got[i]) - golden_.logits[i]);
      ASSERT_TRUE(error <= tolerance) << "token " << i / vocabulary << ", logit " << i % vocabulary
                                      << ": " << got[i] << ", expected " << golden_.logits[i];
    }
  }

  const Golden golden_{std::get<Family>(GetParam())};
};

TEST_P(LogitsGolden, OfPromptsFromOneTokenToTheWholeContext) {
  const Ids tokens = golden_.Tokens();
  for (size_t n : {size_t{1}, size_t{2}, size_t{7}, size_t{9}, tokens.size()}) {
    ExpectKerasLogits(Run(std::span(tokens).first(n), n), n);
  }
}

TEST_P(LogitsGolden, StepByStepAndInPieces) {
  for (size_t at_once : {1, 5}) {
    ExpectKerasLogits(Run(golden_.Tokens(), at_once), golden_.Tokens().size());
  }
}

TEST_P(LogitsGolden, WithoutGraphPasses) {
  ExpectKerasLogits(Run(golden_.Tokens(), 1000, "none"), golden_.Tokens().size());
}

std::string CaseName(const ::testing::TestParamInfo<std::tuple<Family, CpuIsa>>& info) {
  return std::string(std::get<Family>(info.param)) + "_" +
         std::string(CpuIsaName(std::get<CpuIsa>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(Keras, LogitsGolden,
                         ::testing::Combine(::testing::Values("gpt2", "llama3"),
                                            ::testing::ValuesIn(SupportedCpuIsas())),
                         CaseName);

class TokensGolden : public ::testing::TestWithParam<Family> {
 protected:
  const Golden golden_{GetParam()};
  Engine engine_ = LoadEngine(golden_);
};

TEST_P(TokensGolden, GreedyTokensAreThoseOfKerasHub) {
  GenerateOptions options;
  options.max_length = golden_.Tokens().size();
  options.ignore_eos = true;
  const Result<GenerateResult> result = engine_.Generate(golden_.Prompt(), options);
  ASSERT_TRUE(result.ok()) << result.error().message();
  Ids all = result->prompt_ids;
  all.insert(all.end(), result->ids.begin(), result->ids.end());
  EXPECT_THAT(all, ElementsAreArray(golden_.Tokens()));
  EXPECT_EQ(result->stop_reason, StopReason::kLength);
}

TEST_P(TokensGolden, EndsWhereKerasHubChoosesTheEndOfText) {
  const Json& ending = golden_.expected.at("ending");
  const Result<GenerateResult> result = engine_.Generate(ending.at("prompt").get<Ids>(), {});
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_THAT(result->ids, ElementsAreArray(ending.at("tokens").get<Ids>()));
  EXPECT_EQ(result->stop_token_id, ending.at("stop_token").get<int32_t>());
  EXPECT_EQ(result->stop_reason, StopReason::kEndOfText);
}

INSTANTIATE_TEST_SUITE_P(Keras, TokensGolden, ::testing::Values("gpt2", "llama3"));

class Gpt2Generation : public ::testing::Test {
 protected:
  const Golden golden_{"gpt2"};
  Engine engine_ = LoadEngine(golden_);
};

TEST_F(Gpt2Generation, EndsWhenItsPositionsAreUsedUp) {
  GenerateOptions options;
  options.ignore_eos = true;
  const Result<GenerateResult> result = engine_.Generate(golden_.Prompt(), options);
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_EQ(result->stop_reason, StopReason::kContextFull);
  // One more than there are positions: the last token is chosen, but not run.
  const Ids tokens = golden_.Tokens();
  ASSERT_EQ(result->ids.size(), tokens.size() - golden_.Prompt().size() + 1);
  for (size_t i = golden_.Prompt().size(); i < tokens.size(); ++i) {
    EXPECT_EQ(result->ids[i - golden_.Prompt().size()], tokens[i]);
  }
}

TEST_F(Gpt2Generation, TakesAPromptThatFillsTheContextAndNoLongerOne) {
  Ids prompt = golden_.Tokens();
  const Result<GenerateResult> full = engine_.Generate(prompt, {});
  ASSERT_TRUE(full.ok()) << full.error().message();
  EXPECT_LE(full->ids.size(), 1u);
  prompt.push_back(5);
  const Result<GenerateResult> longer = engine_.Generate(prompt, {});
  ASSERT_FALSE(longer.ok());
  EXPECT_THAT(longer.error().message(), ::testing::HasSubstr("17 tokens"));
}

TEST_F(Gpt2Generation, TextBeginsWithTheStartTokenAndComesInPiecesThatMakeTheWhole) {
  const Result<Ids> prompt = engine_.Encode("Hello");
  ASSERT_TRUE(prompt.ok()) << prompt.error().message();
  EXPECT_THAT(*prompt, ElementsAreArray({0, 260}));  // <|endoftext|>, and the four merges' result
  GenerateOptions options;
  options.new_tokens = 9;
  options.ignore_eos = true;
  std::string streamed;
  const auto collect = [&](std::string_view piece) {
    streamed += piece;
    return true;
  };
  const Result<GenerateResult> result = engine_.Generate(*prompt, options, collect);
  ASSERT_TRUE(result.ok()) << result.error().message();
  EXPECT_EQ(result->ids.size(), 9u);
  EXPECT_EQ(streamed, result->text);
  EXPECT_FALSE(streamed.empty());
}

}  // namespace
}  // namespace tare
