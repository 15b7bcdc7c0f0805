#include "bench/watch/conditions.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

constexpr uint64_t kSecond = 1'000'000'000;

TEST(ConditionsTest, BusyTicksAreAllButIdleAndWaiting) {
  EXPECT_EQ(ParseBusyTicks("cpu  1 2 4 1000 2000 8 16 32 64 128\ncpu0 5 5 5\n"), 63u);
  EXPECT_FALSE(ParseBusyTicks("cpu0 1 2 3 4 5 6 7 8\n").has_value());
  EXPECT_FALSE(ParseBusyTicks("cpu 1 2 3\n").has_value());
  EXPECT_FALSE(ParseBusyTicks("").has_value());
}

TEST(ConditionsTest, WhatWeUsedOurselvesIsNoDisturbance) {
  const ConditionCounters before = {10 * kSecond, 1000, 5 * kSecond, 7, 1, {}};
  // Two CPUs, ten seconds: 12 busy CPU seconds, of which 10 are ours.
  const ConditionCounters after = {20 * kSecond, 2200, 15 * kSecond, 10, 1, {}};
  const RunConditions conditions = ConditionsBetween(before, after, 100, 2);
  EXPECT_EQ(conditions.wall_ns, 10 * kSecond);
  EXPECT_DOUBLE_EQ(*conditions.others_cpu_share, 0.1);
  EXPECT_EQ(conditions.swapped_pages, 3u);
  EXPECT_EQ(conditions.throttle_events, 0u);
}

TEST(ConditionsTest, OnlyWhatAQuotaStoppedDuringTheRunCounts) {
  ConditionCounters before, after;
  before.quota = CpuThrottling{40, 7 * kSecond};
  after.quota = CpuThrottling{113, 9 * kSecond};
  const RunConditions conditions = ConditionsBetween(before, after, 100, 2);
  EXPECT_EQ(conditions.quota_throttled_periods, 73u);
  EXPECT_EQ(conditions.quota_throttled_ns, 2 * kSecond);
  after.quota.reset();
  EXPECT_FALSE(ConditionsBetween(before, after, 100, 2).quota_throttled_periods.has_value());
}

TEST(ConditionsTest, WhatTheSystemDoesNotTellIsNotKnown) {
  ConditionCounters before, after;
  after.wall_ns = kSecond;
  before.throttle_events = 4;
  const RunConditions conditions = ConditionsBetween(before, after, 100, 2);
  EXPECT_FALSE(conditions.others_cpu_share.has_value());
  EXPECT_FALSE(conditions.throttle_events.has_value());
}

// A tick may last as long as a run, so rounding must not make a share negative.
TEST(ConditionsTest, AShareIsNeverBelowNothing) {
  const ConditionCounters before = {0, 100, 0, {}, {}, {}};
  const ConditionCounters after = {kSecond / 100, 100, kSecond / 200, {}, {}, {}};
  EXPECT_EQ(*ConditionsBetween(before, after, 100, 2).others_cpu_share, 0);
}

}  // namespace
}  // namespace tare
