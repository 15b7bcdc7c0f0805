#include "bench/results/scenario.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

ModelFacts Described() {
  ModelFacts model;
  model.path = "m.gguf";
  model.prompts = {{"Hello", {1, 2, 3}}, {"Test", {4}}, {"prose", {9, 10, 11, 12, 13}}};
  return model;
}

TEST(ScenarioTest, StudyCountsThePromptInMaxLengthAsKerasDoes) {
  const auto run = RunFor({"m.gguf", Workload{}, 2, "top_k"}, Described());
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->sampler, "top_k");
  EXPECT_EQ(run->generations[0].new_tokens, 7u);
  EXPECT_EQ(run->generations[1].new_tokens, 9u);
  EXPECT_EQ(run->threads, 2u);
}

TEST(ScenarioTest, AMaxLengthThatThePromptFillsIsRefused) {
  const auto run = RunFor({"m.gguf", {Workload::Kind::kStudy, 3, 0, 0}, 1, "greedy"}, Described());
  ASSERT_FALSE(run.ok());
  EXPECT_THAT(run.error().message(), HasSubstr("has 3 tokens already; try 4"));
}

TEST(ScenarioTest, TheSecondPromptHasTheSameTokensInAnotherOrder) {
  const auto run = RunFor({"m.gguf", {Workload::Kind::kTokens, 0, 5, 8}, 1, "greedy"}, Described());
  ASSERT_TRUE(run.ok());
  EXPECT_THAT(run->generations[0].prompt.ids, ElementsAre(9, 10, 11, 12, 13));
  EXPECT_EQ(run->generations[0].prompt.text, "") << "a cut text may read as other ids";
  EXPECT_THAT(run->generations[1].prompt.ids, ElementsAre(9, 12, 13, 10, 11));
  EXPECT_EQ(run->generations[1].new_tokens, 8u);
}

TEST(ScenarioTest, ADescriptionWithoutThePromptIsRefused) {
  EXPECT_THAT(RunFor({"m.gguf", {Workload::Kind::kTokens, 0, 64, 8}, 1, "greedy"}, Described()),
              FailsWith(ErrorCode::kInvalidInput, "lacks a prompt of 64 tokens"));
  EXPECT_THAT(RunFor({"m.gguf", Workload{}, 1}, ModelFacts{}),
              FailsWith(ErrorCode::kInvalidInput, "lacks the prompt \"Hello\""));
}

TEST(ScenarioTest, ASweepIsEveryCombination) {
  const auto scenarios = Scenarios({{"a", "b"}, {Workload{}}, {1, 2, 4}, "greedy"});
  ASSERT_EQ(scenarios.size(), 6u);
  EXPECT_EQ(scenarios[1].threads, 2u);
  EXPECT_EQ(scenarios[3].model, "b");
  EXPECT_EQ(scenarios[3].precision, "") << "the model's own";
  const auto precisions = Scenarios({{"a"}, {Workload{}}, {1}, "greedy", {"f32", "int8"}});
  ASSERT_EQ(precisions.size(), 2u);
  EXPECT_EQ(precisions[1].precision, "int8");
}

}  // namespace
}  // namespace tare
