#include "bench/plan/smallest_limit.h"

#include <gtest/gtest.h>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

constexpr uint64_t kMib = uint64_t{1} << 20;

TEST(SmallestLimitTest, IsFoundWithinTheResolutionFromAbove) {
  for (const uint64_t need : {3 * kMib, 97 * kMib, 500 * kMib, 1000 * kMib}) {
    size_t tries = 0;
    const Result<uint64_t> found =
        SmallestLimit(1000 * kMib, 0.01, [&](uint64_t limit) -> Result<bool> {
          ++tries;
          return limit >= need;
        });
    ASSERT_TRUE(found.ok());
    EXPECT_GE(*found, need);
    EXPECT_LE(static_cast<double>(*found), static_cast<double>(need) * 1.01 + 65536);
    EXPECT_LE(tries, 18u);
  }
}

TEST(SmallestLimitTest, AStartThatIsTooSmallGrows) {
  const Result<uint64_t> found = SmallestLimit(
      100 * kMib, 0.01, [](uint64_t limit) -> Result<bool> { return limit >= 150 * kMib; });
  ASSERT_TRUE(found.ok());
  EXPECT_NEAR(*found, 150 * kMib, 0.015 * 150 * kMib);
}

TEST(SmallestLimitTest, WhatNeverFitsIsAnErrorAndErrorsEndTheSearch) {
  EXPECT_THAT(SmallestLimit(kMib, 0.01, [](uint64_t) -> Result<bool> { return false; }),
              FailsWith(ErrorCode::kUnsupported, "MiB are too few"));
  size_t tries = 0;
  const Result<uint64_t> stopped = SmallestLimit(kMib, 0.01, [&](uint64_t) -> Result<bool> {
    ++tries;
    return InvalidInput("stop");
  });
  EXPECT_THAT(stopped, FailsWith(ErrorCode::kInvalidInput, "stop"));
  EXPECT_EQ(tries, 1u);
}

}  // namespace
}  // namespace tare
