#include "runtime/stop_matcher.h"

#include <gtest/gtest.h>

#include <random>

namespace tare {
namespace {

TEST(StopMatcherTest, ShowsWhatCannotBeAStop) {
  StopMatcher stops({"END"});
  EXPECT_EQ(stops.Push("hello E"), "hello ");
  EXPECT_EQ(stops.Push("N"), "");
  EXPECT_EQ(stops.Push("ter"), "ENter");
  EXPECT_FALSE(stops.stopped());
  EXPECT_EQ(stops.Push("abcE"), "abc");
  EXPECT_EQ(stops.Flush(), "E");
}

TEST(StopMatcherTest, StopsAtTheEarliest) {
  StopMatcher stops({"world", "lo"});
  EXPECT_EQ(stops.Push("hello world"), "hel");
  EXPECT_TRUE(stops.stopped());
  EXPECT_EQ(stops.Push("more"), "");
  EXPECT_EQ(stops.Flush(), "");
}

TEST(StopMatcherTest, AnEmptyStopNeverMatches) {
  StopMatcher stops({""});
  EXPECT_EQ(stops.Push("text"), "text");
  EXPECT_FALSE(stops.stopped());
}

// However the text is cut, what is shown is what stands before the first stop.
TEST(StopMatcherTest, CutsDoNotMatter) {
  std::mt19937 random(3);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 30; ++i) text += "ab"[random() % 2];
    const std::vector<std::string> stops = {"abab", "bbb", "aabb"};
    size_t first = text.size();
    for (const std::string& stop : stops) first = std::min(first, text.find(stop));
    StopMatcher matcher(stops);
    std::string shown;
    for (size_t i = 0; i < text.size();) {
      const size_t n = 1 + random() % 4;
      shown += matcher.Push(text.substr(i, n));
      i += n;
    }
    shown += matcher.Flush();
    // Two stops may overlap; cut text decides by what is complete first, never showing any of
    // either.
    EXPECT_TRUE(text.starts_with(shown));
    if (first == text.size()) {
      EXPECT_EQ(shown, text);
    } else {
      EXPECT_LE(shown.size(), first);
      EXPECT_TRUE(matcher.stopped());
    }
  }
}

}  // namespace
}  // namespace tare
