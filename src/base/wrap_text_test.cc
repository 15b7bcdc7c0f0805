#include "base/wrap_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tare {
namespace {

using ::testing::ElementsAre;

TEST(WrapTextTest, LinesBreakAtSpacesAndKeepTheirWidth) {
  EXPECT_THAT(WrapLines("one two three", 7, LongWord::kKeep), ElementsAre("one two", "three"));
  EXPECT_THAT(WrapLines("one two three", 13, LongWord::kKeep), ElementsAre("one two three"));
  EXPECT_THAT(WrapLines("", 5, LongWord::kKeep), ElementsAre(""));
  EXPECT_THAT(WrapLines("a\nb c", 5, LongWord::kKeep), ElementsAre("a", "b c"));
}

TEST(WrapTextTest, ALongWordIsKeptOrCut) {
  EXPECT_THAT(WrapLines("a longest b", 4, LongWord::kKeep), ElementsAre("a", "longest", "b"));
  EXPECT_THAT(WrapLines("a longest b", 4, LongWord::kCut), ElementsAre("a", "long", "est", "b"));
}

TEST(WrapTextTest, ACodePointIsOneWideAndIsNotCut) {
  EXPECT_EQ(TextWidth("2 × 3"), 5u);
  EXPECT_THAT(WrapLines("××××", 3, LongWord::kCut), ElementsAre("×××", "×"));
}

TEST(WrapTextTest, LaterLinesAreIndented) {
  EXPECT_EQ(WrapText("  one two three", 11, 4), "  one two\n    three");
  EXPECT_EQ(WrapText("short", 100, 2), "short");
}

}  // namespace
}  // namespace tare
