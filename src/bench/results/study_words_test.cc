#include "bench/results/study_words.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

// Python 3's len(text.split()) gives the expected counts.
TEST(StudyWordsTest, CountsAsPythonSplits) {
  EXPECT_EQ(StudyWords(""), 0u);
  EXPECT_EQ(StudyWords(" \n\t "), 0u);
  EXPECT_EQ(StudyWords("Hello"), 1u);
  EXPECT_EQ(StudyWords("  Hello,  my\nname is "), 4u);
  EXPECT_EQ(StudyWords("a\u00a0b\u3000c\u2028d\x1c"
                       "e"),
            5u);
}

TEST(StudyWordsTest, OtherCharactersBelongToWords) {
  EXPECT_EQ(StudyWords("caf\u00e9 \u200b zero"), 3u) << "a zero-width space is no space in Python";
  EXPECT_EQ(StudyWords("\xc2 \xe3\x80"), 2u) << "cut UTF-8";
}

}  // namespace
}  // namespace tare
