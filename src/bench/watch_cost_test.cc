#include "bench/watch_cost.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

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
  const WatchCost cost = {5'000'000, {99, 99}, {100, 100}};
  EXPECT_FALSE(EstimateWatchCost(cost).has_value());
}

class WatchCostRunTest : public ::testing::Test {
 protected:
  Result<WatchCost> Measure(const std::string& mode) {
    Result<InterruptWatch> interrupt = InterruptWatch::Start();
    WorkerRunOptions options;
    options.command = {TARE_FAKE_WORKER, {"fake_worker", mode}, {}};
    options.run = RunMessage{};
    options.run->generations = {{{"Hello", {1, 2}}, 3}, {{"Test", {3}}, 4}};
    options.stage_timeout_ns = 20'000'000'000;
    return MeasureWatchCost(options, 3, *interrupt);
  }
};

TEST_F(WatchCostRunTest, EachPairHasARunOfEitherKind) {
  const Result<WatchCost> cost = Measure("ok");
  ASSERT_TRUE(cost.ok()) << cost.error().message();
  EXPECT_EQ(cost->watched_tokens_per_second.size(), 3u);
  EXPECT_EQ(cost->unwatched_tokens_per_second.size(), 3u);
  EXPECT_EQ(cost->sample_interval_ns, kDefaultSampleIntervalNs);
  // The worker claims a token a microsecond.
  EXPECT_DOUBLE_EQ(cost->watched_tokens_per_second[0], 1e6);
}

TEST_F(WatchCostRunTest, AWorkerThatFailsTellsNoCost) {
  const Result<WatchCost> cost = Measure("error");
  ASSERT_FALSE(cost.ok());
  EXPECT_THAT(cost.error().message(), ::testing::HasSubstr("load-error"));
}

}  // namespace
}  // namespace tare
