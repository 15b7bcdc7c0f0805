#include "heap/huge_pace.h"

#include <gtest/gtest.h>

#include <deque>
#include <utility>
#include <vector>

namespace tare {
namespace {

constexpr int64_t kFast = 999'999;
constexpr int64_t kSlow = 1'000'000;

class HugePaceKeeperTest : public ::testing::Test {
 protected:
  // What is asked for of a block, in huge pages: (first, count). Touches take `durations` in turn.
  using Asked = std::vector<std::pair<size_t, size_t>>;
  Asked AskFor(size_t pages, std::deque<int64_t> durations) {
    Asked asked;
    keeper_.AskInTurn(
        pages * kHugePageBytes,
        [&](size_t at, size_t bytes) {
          asked.emplace_back(at / kHugePageBytes, bytes / kHugePageBytes);
        },
        [&](size_t at) {
          EXPECT_EQ(at, asked.back().first * kHugePageBytes) << "touched before it was asked for";
          if (durations.empty()) {
            ADD_FAILURE() << "page " << asked.back().first << " is touched";
            return kFast;
          }
          const int64_t took = durations.front();
          durations.pop_front();
          return took;
        });
    EXPECT_TRUE(durations.empty()) << durations.size() << " not touched";
    return asked;
  }

  HugePaceKeeper keeper_;
};

TEST_F(HugePaceKeeperTest, WhileTheyComeQuicklyAllAreAskedForAndTwoTouched) {
  for (int block = 0; block < 3; ++block) {
    EXPECT_EQ(AskFor(10, {kFast, kFast}), (Asked{{0, 1}, {1, 1}, {2, 8}}));
    EXPECT_FALSE(keeper_.ComeTooSlowly());
  }
  EXPECT_EQ(AskFor(2, {kFast, kFast}), (Asked{{0, 1}, {1, 1}}));
  EXPECT_EQ(AskFor(1, {kFast}), (Asked{{0, 1}}));
  EXPECT_EQ(AskFor(0, {}), Asked{});
}

TEST_F(HugePaceKeeperTest, ASlowOneAmongQuickOnesEndsNothing) {
  EXPECT_EQ(AskFor(10, {kSlow, kFast}), (Asked{{0, 1}, {1, 1}, {2, 8}}));
  EXPECT_EQ(AskFor(10, {kFast, kSlow}), (Asked{{0, 1}, {1, 1}, {2, 8}}));
  EXPECT_EQ(AskFor(10, {kFast, kSlow}), (Asked{{0, 1}, {1, 1}, {2, 8}}));
  EXPECT_FALSE(keeper_.ComeTooSlowly());
}

TEST_F(HugePaceKeeperTest, TwoSlowOnesInARowEndIt) {
  EXPECT_EQ(AskFor(10, {kSlow, kSlow}), (Asked{{0, 1}, {1, 1}}));
  EXPECT_TRUE(keeper_.ComeTooSlowly());
  EXPECT_EQ(AskFor(10, {}), Asked{});
}

TEST_F(HugePaceKeeperTest, TwoSlowOnesInARowMayLieInTwoBlocks) {
  EXPECT_EQ(AskFor(10, {kFast, kSlow}), (Asked{{0, 1}, {1, 1}, {2, 8}}));
  EXPECT_EQ(AskFor(10, {kSlow}), (Asked{{0, 1}}));
  EXPECT_TRUE(keeper_.ComeTooSlowly());
}

TEST_F(HugePaceKeeperTest, TheNextBeginningForgetsThem) {
  AskFor(10, {kSlow, kSlow});
  keeper_.Begin(HugePace::kWhileQuick);
  EXPECT_FALSE(keeper_.ComeTooSlowly());
  EXPECT_EQ(AskFor(10, {kSlow, kFast}), (Asked{{0, 1}, {1, 1}, {2, 8}}));
}

TEST_F(HugePaceKeeperTest, AnyPaceAsksRegardless) {
  keeper_.Begin(HugePace::kAny);
  for (int block = 0; block < 3; ++block) {
    EXPECT_EQ(AskFor(10, {kSlow, kSlow}), (Asked{{0, 1}, {1, 1}, {2, 8}}));
    EXPECT_FALSE(keeper_.ComeTooSlowly());
  }
  keeper_.Begin(HugePace::kWhileQuick);
  EXPECT_EQ(AskFor(10, {kSlow, kSlow}), (Asked{{0, 1}, {1, 1}}));
}

}  // namespace
}  // namespace tare
