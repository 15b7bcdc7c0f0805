#include "cli/score_windows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <tuple>

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::tuple<size_t, size_t, size_t>> Windows(size_t tokens, size_t context,
                                                        size_t stride) {
  std::vector<std::tuple<size_t, size_t, size_t>> found;
  const Result<std::vector<ScoreWindow>> windows = ScoreWindows(tokens, context, stride);
  if (!windows.ok()) return found;
  for (const ScoreWindow& window : *windows) {
    found.emplace_back(window.begin, window.end, window.first_scored);
  }
  return found;
}

using Window = std::tuple<size_t, size_t, size_t>;

TEST(ScoreWindowsTest, OneWindowWhereTheContextHoldsTheText) {
  EXPECT_THAT(Windows(7, 8, 0), ElementsAre(Window(0, 7, 1)));
  EXPECT_THAT(Windows(8, 8, 100), ElementsAre(Window(0, 8, 1)));
}

TEST(ScoreWindowsTest, EachTokenIsScoredOnceWithEnoughBeforeIt) {
  EXPECT_THAT(Windows(19, 8, 5), ElementsAre(Window(0, 8, 1), Window(5, 13, 8), Window(10, 18, 13),
                                             Window(15, 19, 18)));
  EXPECT_THAT(Windows(10, 8, 0), ElementsAre(Window(0, 8, 1), Window(4, 10, 8)));
  EXPECT_THAT(Windows(4, 2, 0), ElementsAre(Window(0, 2, 1), Window(1, 3, 2), Window(2, 4, 3)));
}

TEST(ScoreWindowsTest, WindowsMustOverlap) {
  const auto windows = ScoreWindows(9, 8, 8);
  ASSERT_FALSE(windows.ok());
  EXPECT_THAT(windows.error().message(), HasSubstr("--stride 8: expected less than the context"));
  EXPECT_FALSE(ScoreWindows(3, 1, 0).ok());
}

}  // namespace
}  // namespace tare
