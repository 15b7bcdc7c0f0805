#include "tokenizer/unicode_classes.h"

#include <gtest/gtest.h>

#include <utility>

namespace tare {
namespace {

TEST(UnicodeClasses, RangesCoverAllInOrderAndEachDiffersFromTheNext) {
  ASSERT_EQ(kClassRanges.front() >> 5, 0u);
  for (size_t i = 1; i < kClassRanges.size(); ++i) {
    ASSERT_LT(kClassRanges[i - 1] >> 5, kClassRanges[i] >> 5);
    ASSERT_NE(kClassRanges[i - 1] & 31, kClassRanges[i] & 31);
  }
  EXPECT_LE(kClassRanges.back() >> 5, 0x10FFFFu);
}

TEST(UnicodeClasses, AsciiTableAgreesWithTheRanges) {
  size_t range = 0;
  for (uint32_t c = 0; c < 128; ++c) {
    while (range + 1 < kClassRanges.size() && kClassRanges[range + 1] >> 5 <= c) ++range;
    EXPECT_EQ(kAsciiClasses[c], static_cast<CharClass>(kClassRanges[range] & 31)) << c;
  }
}

TEST(UnicodeClasses, KnowsTheCornersOfEachClassInAnyOrder) {
  CharClassifier classify;
  for (int round = 0; round < 2; ++round) {
    const std::pair<char32_t, CharClass> known[] = {
        {0x41, CharClass::kAsciiUpper},    {0xAA, CharClass::kOtherLetter},
        {0x3B1, CharClass::kLower},        {0x391, CharClass::kUpper},
        {0x1C5, CharClass::kTitle},        {0x2B0, CharClass::kModifierLetter},
        {0x4E00, CharClass::kOtherLetter}, {0xD7A3, CharClass::kOtherLetter},
        {0x1D400, CharClass::kUpper},      {0x323AF, CharClass::kOtherLetter},
        {0x30, CharClass::kAsciiDigit},    {0xB2, CharClass::kNumber},
        {0x660, CharClass::kNumber},       {0x3007, CharClass::kNumber},
        {0x1D7D8, CharClass::kNumber},     {0x10D40, CharClass::kNumber},
        {0x9, CharClass::kSpace},          {0xD, CharClass::kLineEnd},
        {0x20, CharClass::kBlank},         {0x85, CharClass::kSpace},
        {0xA0, CharClass::kSpace},         {0x1680, CharClass::kSpace},
        {0x2028, CharClass::kSpace},       {0x3000, CharClass::kSpace},
        {0x0, CharClass::kOther},          {0x1C, CharClass::kOther},
        {0xAD, CharClass::kOther},         {0x200B, CharClass::kOther},
        {0x10FFFF, CharClass::kOther},     {0x21, CharClass::kAsciiPunctuation},
        {0x24, CharClass::kAsciiSymbol},   {0x301, CharClass::kMark},
        {0x2014, CharClass::kPunctuation}, {0x1F600, CharClass::kSymbol},
    };
    for (const auto& [c, expected] : known) {
      EXPECT_EQ(classify(c), expected) << std::hex << static_cast<uint32_t>(c);
    }
    EXPECT_EQ(classify(0x11DE0), CharClass::kNumeric);
  }
}

}  // namespace
}  // namespace tare
