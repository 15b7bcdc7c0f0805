#include "tensor/compare.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace tare {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

bool Close(float got, float want, float tolerance) {
  return CompareClose(std::array{got}, std::array{want}, tolerance).close;
}

TEST(CompareClose, AcceptsUpToTheToleranceAndNoFurther) {
  EXPECT_TRUE(Close(1.5f, 1.0f, 0.5f));
  EXPECT_TRUE(Close(0.5f, 1.0f, 0.5f));
  EXPECT_FALSE(Close(1.5f, 1.0f, 0.4999f));
  EXPECT_TRUE(Close(1.0f, 1.0f, 0.0f));
}

TEST(CompareClose, ANanIsNeverClose) {
  EXPECT_FALSE(Close(kNan, 1.0f, 1e9f));
  EXPECT_FALSE(Close(1.0f, kNan, 1e9f));
  EXPECT_FALSE(Close(kNan, kNan, 1e9f));
  EXPECT_FALSE(Close(1.0f, 2.0f, kNan));
  EXPECT_FALSE(Close(1.0f, kNan, kInf));
}

TEST(CompareClose, TellsSignsApart) {
  EXPECT_FALSE(Close(1.0f, -1.0f, 0.1f));
  EXPECT_FALSE(Close(kInf, -kInf, 1e9f));
  EXPECT_TRUE(Close(0.0f, -0.0f, 0.0f));
}

TEST(CompareClose, AnInfinityEqualsItselfAlone) {
  EXPECT_TRUE(Close(kInf, kInf, 0.0f));
  EXPECT_FALSE(Close(kInf, std::numeric_limits<float>::max(), 1e38f));
  EXPECT_FALSE(Close(std::numeric_limits<float>::max(), kInf, 1e38f));
}

TEST(CompareClose, RefusesDifferentSizes) {
  const std::array<float, 2> two = {1, 2};
  const std::array<float, 3> three = {1, 2, 3};
  EXPECT_FALSE(CompareClose(two, three, 1e9f).close);
  EXPECT_FALSE(CompareClose(three, two, 1e9f).close);
  EXPECT_FALSE(CompareClose(two, two, three).close);
  EXPECT_NE(CompareClose(two, three, 1.0f).message.find("got 2 elements, expected 3"),
            std::string::npos);
}

TEST(CompareClose, NamesTheWorstElementByItsOwnTolerance) {
  const std::array<float, 4> got = {1, 2, 3, 4};
  const std::array<float, 4> want = {1, 2.5f, 4, 4};
  const std::array<float, 4> tolerance = {1, 0.1f, 0.5f, 1};
  const CompareReport report = CompareClose(got, want, tolerance);
  EXPECT_FALSE(report.close);
  EXPECT_EQ(report.mismatches, 2u);
  EXPECT_EQ(report.worst_index, 1u);
  EXPECT_NEAR(report.worst_ratio, 5.0, 1e-6);
  EXPECT_NE(report.message.find("worst at 1"), std::string::npos);
}

}  // namespace
}  // namespace tare
