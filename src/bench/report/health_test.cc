#include "bench/report/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.h"

namespace tare {
namespace {

TEST(HealthTest, ABoundBelongsToTheClassAboveIt) {
  EXPECT_EQ(MemoryClass(1024 * kMib - 1), "good");
  EXPECT_EQ(MemoryClass(1024 * kMib), "acceptable");
  EXPECT_EQ(MemoryClass(3 * 1024 * kMib), "high");
  EXPECT_EQ(MemoryClass(5 * 1024 * kMib), "critical");
  EXPECT_EQ(SpeedClass(0.99), "low");
  EXPECT_EQ(SpeedClass(1), "moderate");
  EXPECT_EQ(SpeedClass(2), "good");
  EXPECT_EQ(SpeedClass(3), "excellent");
}

TEST(HealthTest, TheStudysOwnWorstRowIsCriticalAndAlerts) {
  const auto lines = HealthLines(4339 * kMib, 5249 * kMib, 0);
  EXPECT_THAT(lines,
              ::testing::ElementsAre("critical: growth of 4339 MiB", "good: peak swap of 0 MiB",
                                     "alert: peak and swap together 5249 MiB"));
}

TEST(HealthTest, BoundsAreExclusive) {
  EXPECT_THAT(HealthLines(1000 * kMib, 0, 100 * kMib),
              ::testing::ElementsAre("good: growth of 1000 MiB", "good: peak swap of 100 MiB"));
  EXPECT_THAT(
      HealthLines(1001 * kMib, 0, 1001 * kMib),
      ::testing::ElementsAre("warning: growth of 1001 MiB", "warning: peak swap of 1001 MiB"));
}

}  // namespace
}  // namespace tare
