#include "tare/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "models/families/llama/testing/tiny_llama.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::ElementsAreArray;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::vector<int32_t> kPrompt = {3, 14, 25, 7, 18};

class EngineTest : public ::testing::Test {
 protected:
  void SetUp() override {
    TinyLlama tiny;
    tiny.context = 32;
    tiny.seed = 4;
    for (int i = 0; i < 37; ++i) tiny.tokens.push_back(std::string(1, static_cast<char>('A' + i)));
    const std::string path = temp_.path() + "/model.gguf";
    const Status written = WriteTinyLlama(tiny, path);
    ASSERT_TRUE(written.ok()) << written.error().message();
    EngineOptions options;
    options.threads = 2;
    Result<Engine> engine = Engine::Load(path, options);
    ASSERT_TRUE(engine.ok()) << engine.error().message();
    engine_ = std::make_unique<Engine>(*std::move(engine));
  }

  GenerateResult Generate(const GenerateOptions& options, const TextCallback& on_text = nullptr) {
    Result<GenerateResult> result = engine_->Generate(kPrompt, options, on_text);
    EXPECT_TRUE(result.ok()) << result.error().message();
    return *std::move(result);
  }

  std::string ErrorOf(const GenerateOptions& options) {
    const Result<GenerateResult> result = engine_->Generate(kPrompt, options);
    return result.ok() ? "" : result.error().message();
  }

  const TempFolder temp_;
  std::unique_ptr<Engine> engine_;
};

GenerateOptions NewTokens(size_t n) {
  GenerateOptions options;
  options.new_tokens = n;
  options.stop_token_ids.emplace();
  return options;
}

TEST_F(EngineTest, CountsNewTokensOrAll) {
  const GenerateResult ten = Generate(NewTokens(10));
  EXPECT_EQ(ten.ids.size(), 10u);
  EXPECT_EQ(ten.stop_reason, StopReason::kLength);
  GenerateOptions options = NewTokens(0);
  options.new_tokens.reset();
  options.max_length = 12;
  const GenerateResult seven = Generate(options);
  EXPECT_THAT(seven.ids, ElementsAreArray(ten.ids.begin(), ten.ids.begin() + 7));
  options.max_length.reset();
  const GenerateResult all = Generate(options);
  EXPECT_EQ(all.ids.size(), 32 - kPrompt.size() + 1);
  EXPECT_EQ(all.stop_reason, StopReason::kContextFull);
}

TEST_F(EngineTest, CutsAPromptThatIsLongerThanMaxLength) {
  GenerateOptions options;
  options.max_length = 3;
  const GenerateResult result = Generate(options);
  EXPECT_THAT(result.prompt_ids, ElementsAre(3, 14, 25));
  EXPECT_THAT(result.ids, IsEmpty());
  EXPECT_EQ(result.stop_reason, StopReason::kLength);
  const std::vector<int32_t> too_long(33, 1);
  EXPECT_THAT(
      engine_->Generate(too_long, {}),
      FailsWith(ErrorCode::kInvalidInput, "the prompt has 33 tokens, but the context holds 32"));
  EXPECT_TRUE(engine_->Generate(too_long, options).ok());
}

TEST_F(EngineTest, EndsAtAStopTokenAndTellsWhich) {
  const GenerateResult free = Generate(NewTokens(12));
  GenerateOptions options = NewTokens(12);
  const int32_t stop = free.ids[4];
  options.stop_token_ids = {36, stop};
  const GenerateResult result = Generate(options);
  const auto first = std::find(free.ids.begin(), free.ids.end(), stop);
  EXPECT_THAT(result.ids, ElementsAreArray(free.ids.begin(), first));
  EXPECT_EQ(result.stop_token_id, stop);
  EXPECT_EQ(result.stop_reason, StopReason::kEndOfText);
  EXPECT_EQ(result.token_ns.size(), result.ids.size() + 1);
}

TEST_F(EngineTest, EndsAtStopTextWithoutShowingIt) {
  const GenerateResult free = Generate(NewTokens(12));
  GenerateOptions options = NewTokens(12);
  options.stop = {free.text.substr(5, 3)};
  std::string streamed;
  const GenerateResult result = Generate(options, [&](std::string_view piece) {
    streamed += piece;
    return true;
  });
  EXPECT_EQ(result.text, free.text.substr(0, free.text.find(options.stop[0])));
  EXPECT_EQ(streamed, result.text);
  EXPECT_EQ(result.stop_reason, StopReason::kStopText);
}

TEST_F(EngineTest, TheCallbackMayCancel) {
  int calls = 0;
  const GenerateResult result =
      Generate(NewTokens(12), [&](std::string_view) { return ++calls < 3; });
  EXPECT_EQ(result.stop_reason, StopReason::kCancelled);
  EXPECT_EQ(calls, 3);
  EXPECT_LT(result.ids.size(), 12u);
}

TEST_F(EngineTest, TellsLogProbabilitiesWhereAsked) {
  EXPECT_THAT(Generate(NewTokens(3)).log_probabilities, IsEmpty());
  GenerateOptions options = NewTokens(6);
  options.log_probabilities = 37;
  const GenerateResult result = Generate(options);
  ASSERT_EQ(result.log_probabilities.size(), 6u);
  for (size_t i = 0; i < 6; ++i) {
    const ChosenLogProbability& chosen = result.log_probabilities[i];
    EXPECT_EQ(chosen.token.id, result.ids[i]);
    ASSERT_EQ(chosen.likeliest.size(), 37u);
    EXPECT_EQ(chosen.likeliest[0].id, result.ids[i]);
    double sum = 0.0;
    for (const TokenLogProbability& token : chosen.likeliest) {
      sum += std::exp(token.log_probability);
    }
    EXPECT_NEAR(sum, 1.0, 1e-9);
  }
}

TEST_F(EngineTest, RefusesOptionsThatContradict) {
  GenerateOptions options = NewTokens(1);
  options.max_length = 9;
  EXPECT_THAT(ErrorOf(options), HasSubstr("not both"));
  options = {};
  options.max_length = 0;
  EXPECT_THAT(ErrorOf(options), HasSubstr("expected 1 or more"));
  for (const int32_t id : {-1, 37}) {
    options = NewTokens(1);
    options.stop_token_ids = {id};
    EXPECT_THAT(ErrorOf(options), HasSubstr("outside [0, 37)"));
  }
  options = NewTokens(1);
  options.stop_token_ids = {1};
  options.ignore_eos = true;
  EXPECT_THAT(ErrorOf(options), HasSubstr("choose one"));
  options = NewTokens(1);
  options.sampling.temperature = -1;
  EXPECT_THAT(ErrorOf(options), HasSubstr("temperature"));
  EXPECT_THAT(engine_->Generate({}, NewTokens(1)),
              FailsWith(ErrorCode::kInvalidInput, "the prompt is empty"));
}

// The conversation so far, the answer among it, and what is said next.
std::vector<int32_t> Continued(const GenerateResult& result, const std::vector<int32_t>& next) {
  std::vector<int32_t> ids = result.prompt_ids;
  ids.insert(ids.end(), result.ids.begin(), result.ids.end());
  ids.insert(ids.end(), next.begin(), next.end());
  return ids;
}

TEST_F(EngineTest, ASessionGoesOnWhereItsPromptDoes) {
  EngineSession session = engine_->NewSession().value();
  const GenerateResult first = session.Generate(kPrompt, NewTokens(6)).value();
  EXPECT_EQ(first.cached_tokens, 0u);
  EXPECT_THAT(first.ids, ElementsAreArray(Generate(NewTokens(6)).ids));
  // The last token chosen has not been run.
  EXPECT_EQ(session.ids().size(), kPrompt.size() + 5);

  const std::vector<int32_t> longer = Continued(first, {9, 30});
  const GenerateResult second = session.Generate(longer, NewTokens(6)).value();
  EXPECT_EQ(second.cached_tokens, kPrompt.size() + 5);
  EXPECT_THAT(second.ids, ElementsAreArray(engine_->Generate(longer, NewTokens(6)).value().ids));
}

TEST_F(EngineTest, ASessionKeepsOnlyTheBeginningThatItsPromptShares) {
  EngineSession session = engine_->NewSession().value();
  ASSERT_TRUE(session.Generate(kPrompt, NewTokens(6)).ok());
  const std::vector<int32_t> other = {3, 14, 25, 8, 1, 2};
  const GenerateResult changed = session.Generate(other, NewTokens(6)).value();
  EXPECT_EQ(changed.cached_tokens, 3u);
  EXPECT_THAT(changed.ids, ElementsAreArray(engine_->Generate(other, NewTokens(6)).value().ids));
  // Its last token's logits are needed: it is run again.
  const GenerateResult again = session.Generate(other, NewTokens(6)).value();
  EXPECT_EQ(again.cached_tokens, other.size() - 1);
  EXPECT_THAT(again.ids, ElementsAreArray(changed.ids));
}

TEST_F(EngineTest, SessionsDoNotDisturbEachOther) {
  EngineSession session = engine_->NewSession().value();
  const GenerateResult first = session.Generate(kPrompt, NewTokens(6)).value();
  EngineSession other = engine_->NewSession().value();
  ASSERT_TRUE(other.Generate(std::vector<int32_t>{1, 2, 3, 4, 5, 6, 7}, NewTokens(9)).ok());
  ASSERT_TRUE(engine_->Score(kPrompt).ok());
  Engine moved = std::move(*engine_);
  const std::vector<int32_t> longer = Continued(first, {9});
  const GenerateResult second = session.Generate(longer, NewTokens(6)).value();
  EXPECT_GT(second.cached_tokens, 0u);
  EXPECT_THAT(second.ids, ElementsAreArray(moved.Generate(longer, NewTokens(6)).value().ids));
}

TEST_F(EngineTest, ASearchLeavesASessionEmpty) {
  EngineSession session = engine_->NewSession().value();
  ASSERT_TRUE(session.Generate(kPrompt, NewTokens(4)).ok());
  GenerateOptions beam = NewTokens(4);
  beam.sampling = DefaultSampling(SamplerKind::kBeam);
  ASSERT_TRUE(session.Generate(kPrompt, beam).ok());
  EXPECT_THAT(session.ids(), IsEmpty());
  const GenerateResult after = session.Generate(kPrompt, NewTokens(6)).value();
  EXPECT_EQ(after.cached_tokens, 0u);
  EXPECT_THAT(after.ids, ElementsAreArray(Generate(NewTokens(6)).ids));
}

TEST_F(EngineTest, AFullContextEndsASession) {
  EngineSession session = engine_->NewSession().value();
  GenerateOptions all;
  all.stop_token_ids.emplace();
  const GenerateResult full = session.Generate(kPrompt, all).value();
  EXPECT_EQ(full.stop_reason, StopReason::kContextFull);
  EXPECT_EQ(session.ids().size(), 32u);
  EXPECT_THAT(session.Generate(Continued(full, {1}), all),
              FailsWith(ErrorCode::kInvalidInput, "but the context holds 32"));
  EXPECT_TRUE(session.Generate(kPrompt, all).ok());
}

TEST_F(EngineTest, AConversationNeedsAMessage) {
  EXPECT_THAT(engine_->EncodeChat(std::span<const ChatMessage>()),
              FailsWith(ErrorCode::kInvalidInput, "is empty"));
}

}  // namespace
}  // namespace tare
