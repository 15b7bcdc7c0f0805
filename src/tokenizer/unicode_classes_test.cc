#include "tokenizer/unicode_classes.h"

#include <gtest/gtest.h>

namespace tare {
namespace {

TEST(UnicodeClasses, RangesCoverAllInOrderAndEachDiffersFromTheNext) {
  ASSERT_EQ(kClassRanges.front() >> 3, 0u);
  for (size_t i = 1; i < kClassRanges.size(); ++i) {
    ASSERT_LT(kClassRanges[i - 1] >> 3, kClassRanges[i] >> 3);
    ASSERT_NE(kClassRanges[i - 1] & 7, kClassRanges[i] & 7);
  }
  EXPECT_LE(kClassRanges.back() >> 3, 0x10FFFFu);
}

TEST(UnicodeClasses, AsciiTableAgreesWithTheRanges) {
  size_t range = 0;
  for (uint32_t c = 0; c < 128; ++c) {
    while (range + 1 < kClassRanges.size() && kClassRanges[range + 1] >> 3 <= c) ++range;
    EXPECT_EQ(kAsciiClasses[c], static_cast<CharClass>(kClassRanges[range] & 7)) << c;
  }
}

TEST(UnicodeClasses, KnowsTheCornersOfEachClassInAnyOrder) {
  CharClassifier classify;
  for (int round = 0; round < 2; ++round) {
    for (char32_t c : {0x41, 0xAA, 0x3B1, 0x4E00, 0xD7A3, 0x1D400, 0x323AF, 0x10EC2}) {
      EXPECT_EQ(classify(c), CharClass::kLetter) << std::hex << static_cast<uint32_t>(c);
    }
    for (char32_t c : {0x30, 0xB2, 0xBD, 0x660, 0x2167, 0x3007, 0x1D7D8, 0x10D40}) {
      EXPECT_EQ(classify(c), CharClass::kNumber) << std::hex << static_cast<uint32_t>(c);
    }
    for (char32_t c :
         {0x9, 0xD, 0x20, 0x85, 0xA0, 0x1680, 0x2000, 0x200A, 0x2028, 0x202F, 0x3000}) {
      EXPECT_EQ(classify(c), CharClass::kSpace) << std::hex << static_cast<uint32_t>(c);
    }
    for (char32_t c : {0x0, 0x1C, 0x21, 0xAD, 0x301, 0x180E, 0x200B, 0xFEFF, 0x1F600, 0x10FFFF}) {
      EXPECT_EQ(classify(c), CharClass::kOther) << std::hex << static_cast<uint32_t>(c);
    }
    EXPECT_EQ(classify(0x11DE0), CharClass::kNumeric);
  }
}

}  // namespace
}  // namespace tare
