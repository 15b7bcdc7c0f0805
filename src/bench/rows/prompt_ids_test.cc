#include "bench/rows/prompt_ids.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

using ::testing::ElementsAre;

using Ids = std::vector<uint32_t>;

class PromptIdsTest : public ::testing::Test {
 protected:
  PromptIdsTest() {
    model_.path = "part-00001-of-00002.gguf";
    model_.form = "gguf";
    model_.prompts = {{"Hello", {}}, {"Test", {}}};
    model_.tokenizer_error = "not known";
    scenario_.model = "part-00002-of-00002.gguf";
  }

  Result<std::string> Add(const std::vector<Contender>& contenders) {
    return AddPromptIds(
        scenario_, contenders,
        [this](const Contender& contender, const TokenizeMessage& texts) {
          asked_.push_back(contender.name);
          last_ = texts;
          WorkerOutcome outcome;
          if (contender.name == "none") {
            outcome.failure = Failure{"unsupported", "has no tokenizer"};
          } else {
            outcome.tokens = TokensMessage{answer_};
          }
          return outcome;
        },
        model_);
  }

  static Contender Row(const std::string& name, const std::string& form = "gguf") {
    return {name, Command{"/bin/true", {"true"}, {}}, {form}};
  }

  ModelFacts model_;
  Scenario scenario_;
  std::vector<Ids> answer_ = {{1, 2}, {3}};
  std::vector<std::string> asked_;
  TokenizeMessage last_;
};

TEST_F(PromptIdsTest, ComeFromTheFirstBackendThatHasThem) {
  const auto by = Add({Row("keras", "keras"), Row("none"), Row("second"), Row("third")});
  ASSERT_TRUE(by.ok()) << by.error().message();
  EXPECT_EQ(*by, "second");
  EXPECT_THAT(asked_, ElementsAre("none", "second"));
  EXPECT_EQ(last_.model, "part-00001-of-00002.gguf");
  EXPECT_THAT(last_.texts, ElementsAre("Hello", "Test"));
  EXPECT_EQ(model_.prompts[0].ids, (Ids{1, 2}));
  EXPECT_EQ(model_.prompts[1].ids, (Ids{3}));
}

TEST_F(PromptIdsTest, NobodyIsAskedWhereTareHasTheTokenizer) {
  model_.tokenizer_error = "";
  EXPECT_EQ(*Add({Row("second")}), "");
  EXPECT_THAT(asked_, ElementsAre());
}

TEST_F(PromptIdsTest, ACountedPromptIsCut) {
  scenario_.workload = {Workload::Kind::kTokens, 0, 3, 1};
  model_.prompts = {{"a b c d e", {}}};
  answer_ = {{5, 6, 7, 8, 9}};
  ASSERT_TRUE(Add({Row("second")}).ok());
  EXPECT_EQ(model_.prompts[0].ids, (Ids{5, 6, 7}));
  answer_ = {{5, 6}};
  EXPECT_THAT(Add({Row("second")}),
              FailsWith(ErrorCode::kInvalidInput, "2 tokens of a prompt, expected"));
}

TEST_F(PromptIdsTest, NobodyHasThem) {
  EXPECT_THAT(Add({Row("none")}), FailsWith(ErrorCode::kInvalidInput, "none: has no"));
  EXPECT_THAT(Add({Row("keras", "keras")}), FailsWith(ErrorCode::kInvalidInput, "not known"));
  answer_ = {{}, {3}};
  EXPECT_THAT(Add({Row("second")}), FailsWith(ErrorCode::kInvalidInput, "second made 0 tokens"));
}

}  // namespace
}  // namespace tare
