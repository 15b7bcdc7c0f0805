#include "bench/watch/watch_cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "bench/testing/fake_worker.h"

namespace tare {
namespace {

TEST(WatchCostTest, IsTheMedianShareOfSpeedThatSamplingTook) {
  WatchCost cost;
  cost.unwatched_tokens_per_second = {100, 200, 100, 100, 100};
  cost.watched_tokens_per_second = {99, 198, 97, 99, 100};
  const std::optional<WatchCostEstimate> estimate = EstimateWatchCost(cost);
  ASSERT_TRUE(estimate.has_value());
  EXPECT_DOUBLE_EQ(estimate->median, 1 - 0.99);
  EXPECT_LE(estimate->interval.low, estimate->median);
  EXPECT_GE(estimate->interval.high, estimate->median);
  EXPECT_GE(estimate->interval.low, 0.0);
}

TEST(WatchCostTest, TwoPairsTellNoInterval) {
  const WatchCost cost = {5'000'000, 250'000'000, {99, 99}, {100, 100}};
  EXPECT_FALSE(EstimateWatchCost(cost).has_value());
}

// Tokens take 10 ms in unsampled windows and 11 ms in sampled ones; windows last 250 ms.
std::vector<uint64_t> TokensOf(const WatchWindows& windows, size_t count) {
  std::vector<uint64_t> token_ns;
  uint64_t now_ns = 3'000'000;
  for (size_t i = 0; i < count; ++i) {
    token_ns.push_back(now_ns);
    now_ns += windows.IsSampled(windows.IndexAt(now_ns)) ? 11'000'000 : 10'000'000;
  }
  return token_ns;
}

TEST(WatchCostTest, PairsOfWindowsAreMadeOfWholeTokensInEitherOrder) {
  for (const bool sampled_first : {true, false}) {
    const WatchWindows windows = {250'000'000, sampled_first};
    WatchCost cost;
    AddWindowPairs(TokensOf(windows, 150), windows, cost);  // spans six windows
    ASSERT_EQ(cost.watched_tokens_per_second.size(), 3u);
    for (size_t i = 0; i < 3; ++i) {
      EXPECT_NEAR(cost.watched_tokens_per_second[i], 1e3 / 11, 1e-9);
      EXPECT_NEAR(cost.unwatched_tokens_per_second[i], 100, 1e-9);
    }
  }
}

TEST(WatchCostTest, TheOrderInAPairChangesFromPairToPair) {
  const WatchWindows windows = {1, true};
  const std::vector<bool> expected = {true, false, false, true, true, false, false, true};
  for (size_t i = 0; i < expected.size(); ++i) EXPECT_EQ(windows.IsSampled(i), expected[i]) << i;
}

TEST(WatchCostTest, WindowsOfTooFewTokensTellNothing) {
  const WatchWindows windows = {250'000'000, true};
  WatchCost cost;
  AddWindowPairs({100'000'000, 200'000'000, 300'000'000, 400'000'000, 500'000'000}, windows, cost);
  AddWindowPairs({}, windows, cost);
  EXPECT_TRUE(cost.watched_tokens_per_second.empty());
}

class WatchCostRunTest : public ::testing::Test {
 protected:
  Result<WatchCost> Measure(const std::string& mode) {
    Result<InterruptWatch> interrupt = InterruptWatch::Start();
    WorkerRunOptions options;
    options.command = {FakeWorker(), {"fake_worker", mode}, {}};
    options.run = RunMessage{};
    options.run->generations = {{{"Hello", {1, 2}}, 3}, {{"Test", {3}}, 4}};
    options.stage_timeout_ns = 20'000'000'000;
    return MeasureWatchCost(options, 3, *interrupt);
  }
};

TEST_F(WatchCostRunTest, WindowsOfOneDecodeMakeThePairs) {
  const Result<WatchCost> cost = Measure("paced");
  ASSERT_TRUE(cost.ok()) << cost.error().message();
  EXPECT_EQ(cost->watched_tokens_per_second.size(), 3u);
  EXPECT_EQ(cost->unwatched_tokens_per_second.size(), 3u);
  EXPECT_EQ(cost->sample_interval_ns, kDefaultSampleIntervalNs);
  EXPECT_GE(cost->window_ns, 60'000'000u);
}

TEST_F(WatchCostRunTest, ADecodeThatIsOverAtOnceTellsNoCost) {
  const Result<WatchCost> cost = Measure("ok");  // claims a token per microsecond
  ASSERT_FALSE(cost.ok());
  EXPECT_THAT(cost.error().message(), ::testing::HasSubstr("-n"));
}

TEST_F(WatchCostRunTest, AWorkerThatFailsTellsNoCost) {
  const Result<WatchCost> cost = Measure("error");
  ASSERT_FALSE(cost.ok());
  EXPECT_THAT(cost.error().message(), ::testing::HasSubstr("load-error"));
}

}  // namespace
}  // namespace tare
