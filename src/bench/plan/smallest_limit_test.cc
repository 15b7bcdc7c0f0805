#include "bench/plan/smallest_limit.h"

#include <gtest/gtest.h>

#include "base/testing/fails_with.h"
#include "base/units.h"

namespace tare {
namespace {

TEST(SmallestLimitTest, IsFoundWithinTheResolutionFromAbove) {
  for (const uint64_t need : {3 * kMebibyte, 97 * kMebibyte, 500 * kMebibyte, 1000 * kMebibyte}) {
    size_t tries = 0;
    const Result<uint64_t> found =
        SmallestLimit(1000 * kMebibyte, 0.01, [&](uint64_t limit) -> Result<bool> {
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
  const Result<uint64_t> found =
      SmallestLimit(100 * kMebibyte, 0.01,
                    [](uint64_t limit) -> Result<bool> { return limit >= 150 * kMebibyte; });
  ASSERT_TRUE(found.ok());
  EXPECT_NEAR(*found, 150 * kMebibyte, 0.015 * 150 * kMebibyte);
}

TEST(SmallestLimitTest, WhatNeverFitsIsAnErrorAndErrorsEndTheSearch) {
  EXPECT_THAT(SmallestLimit(kMebibyte, 0.01, [](uint64_t) -> Result<bool> { return false; }),
              FailsWith(ErrorCode::kUnsupported, "MiB is too little"));
  size_t tries = 0;
  const Result<uint64_t> stopped = SmallestLimit(kMebibyte, 0.01, [&](uint64_t) -> Result<bool> {
    ++tries;
    return InvalidInput("stop");
  });
  EXPECT_THAT(stopped, FailsWith(ErrorCode::kInvalidInput, "stop"));
  EXPECT_EQ(tries, 1u);
}

}  // namespace
}  // namespace tare
