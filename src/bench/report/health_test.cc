#include "bench/report/health.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/units.h"

namespace tare {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(HealthTest, MemoryIsJudgedByTheWeights) {
  EXPECT_EQ(HealthLine(1358 * kMib, 1353 * kMib, 0, 0),
            "ok: added 1358.0 MiB after start-up, 1.00 × the weights");
  EXPECT_THAT(HealthLine(4339 * kMib, 1353 * kMib, 0, 0),
              StartsWith("warn: added 4339.0 MiB after start-up, 3.21 × the weights"));
}

TEST(HealthTest, TheKvCacheIsNeededToo) {
  EXPECT_THAT(HealthLine(400 * kMib, 100 * kMib, 0, 0), StartsWith("warn: "));
  EXPECT_EQ(HealthLine(400 * kMib, 100 * kMib, 300 * kMib, 0),
            "ok: added 400.0 MiB after start-up, 1.00 × the weights and the KV cache");
}

TEST(HealthTest, BoundsAreExclusive) {
  EXPECT_THAT(HealthLine(1500 * kMib, 1000 * kMib, 0, 0), StartsWith("ok: "));
  EXPECT_THAT(HealthLine(1501 * kMib, 1000 * kMib, 0, 0), StartsWith("warn: "));
  EXPECT_THAT(HealthLine(110 * kMib, 10 * kMib, 0, 0), StartsWith("ok: ")) << "a runtime's own";
  EXPECT_THAT(HealthLine(111 * kMib, 10 * kMib, 0, 0), StartsWith("warn: "));
}

TEST(HealthTest, SwapMakesAPeakTooLow) {
  EXPECT_THAT(HealthLine(10 * kMib, 10 * kMib, 0, kMib),
              HasSubstr("; warn: 1.0 MiB was in swap, so the peak is too low"));
}

TEST(HealthTest, TheCacheIsThatOfTheLongestGeneration) {
  ScenarioRecord scenario;
  EXPECT_EQ(CacheBytes(scenario), 0);
  scenario.asked.generations = {{{"", {1, 2}}, 98}, {{"", {1}}, 3}};
  scenario.model.cache_bytes_per_token = 10;
  EXPECT_EQ(CacheBytes(scenario), 1000);
}

}  // namespace
}  // namespace tare
