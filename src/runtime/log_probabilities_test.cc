#include "runtime/log_probabilities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

TEST(LogProbabilitiesTest, SumsInTheLogarithm) {
  const std::vector<float> logits = {std::log(1.0f), std::log(2.0f), std::log(5.0f)};
  EXPECT_NEAR(*LogSumExp(logits), std::log(8.0), 1e-7);
  EXPECT_NEAR(*LogSumExp(logits, 0.5), std::log(1.0 + 4.0 + 25.0), 1e-6);
}

TEST(LogProbabilitiesTest, NeitherOverflowsNorVanishes) {
  EXPECT_NEAR(*LogSumExp(std::vector<float>{1e30f, 1e30f}) / 1e30, 1.0, 1e-6);
  EXPECT_NEAR(*LogSumExp(std::vector<float>{-1000, -1000}), -1000 + std::log(2.0), 1e-9);
  const auto unlikely = LogProbabilityOf(std::vector<float>{0, -500}, 1, 0);
  EXPECT_NEAR(unlikely->token.log_probability, -500.0, 1e-9);
}

TEST(LogProbabilitiesTest, ManySmallOnesAreNotLost) {
  std::vector<float> logits(1 << 20, 0.0f);
  EXPECT_NEAR(*LogSumExp(logits), 20 * std::log(2.0), 1e-12);
}

TEST(LogProbabilitiesTest, TellsTheLikeliestInOrder) {
  const std::vector<float> logits = {1, 3, kNaN, 3, 2};
  const auto chosen = LogProbabilityOf(logits, 0, 3);
  ASSERT_TRUE(chosen.ok());
  EXPECT_EQ(chosen->token.id, 0);
  std::vector<int32_t> ids;
  for (const TokenLogProbability& token : chosen->likeliest) ids.push_back(token.id);
  EXPECT_THAT(ids, ::testing::ElementsAre(1, 3, 4));
  const double total = std::log(2 * std::exp(3.0) + std::exp(2.0) + std::exp(1.0));
  EXPECT_NEAR(chosen->token.log_probability, 1 - total, 1e-12);
  EXPECT_NEAR(chosen->likeliest[0].log_probability, 3 - total, 1e-12);
  EXPECT_EQ(LogProbabilityOf(logits, 0, 99)->likeliest.size(), 4u);
}

TEST(LogProbabilitiesTest, RefusesWhatIsNoDistribution) {
  EXPECT_THAT(LogSumExp(std::vector<float>{kNaN, kNaN}),
              FailsWith(ErrorCode::kCorruptFile, "expected a finite number"));
  EXPECT_THAT(LogSumExp(std::vector<float>{-kInf}),
              FailsWith(ErrorCode::kCorruptFile, "expected a finite number"));
  EXPECT_THAT(LogSumExp(std::vector<float>{0, kInf}),
              FailsWith(ErrorCode::kCorruptFile, "expected a finite number"));
  EXPECT_THAT(LogProbabilityOf(std::vector<float>{kNaN}, 0, 1),
              FailsWith(ErrorCode::kCorruptFile, "expected a finite number"));
}

}  // namespace
}  // namespace tare
