#include "tokenizer/normal_forms.h"

#include <gtest/gtest.h>

#include <string>

namespace tare {
namespace {

TEST(NormalForms, ComposesMarksAndSyllables) {
  EXPECT_EQ(ToNfc("e\u0301"), "\u00e9");
  EXPECT_EQ(ToNfc("A\u030a \u212b \u00c5"), "\u00c5 \u00c5 \u00c5");
  EXPECT_EQ(ToNfc("\u1112\u1161\u11ab\u1100\u1173"), "\ud55c\uadf8");
  EXPECT_EQ(ToNfc("\u1e9b\u0323"), "\u1e9b\u0323");
}

TEST(NormalForms, OrdersMarksByTheirClasses) {
  EXPECT_EQ(ToNfc("a\u0308\u0323"), "\u1ea1\u0308");
  EXPECT_EQ(ToNfc("q\u0307\u0323"), "q\u0323\u0307");
  EXPECT_EQ(ToNfc("a\u0301\u0301"), "\u00e1\u0301");
}

TEST(NormalForms, LeavesExclusionsDecomposed) {
  EXPECT_EQ(ToNfc("\u0958"), "\u0915\u093c");
  EXPECT_EQ(ToNfc("\ufb1d"), "\u05d9\u05b4");
  EXPECT_EQ(ToNfc("\U0001d15e"), "\U0001d157\U0001d165");
}

TEST(NormalForms, KeepsWhatIsNoText) {
  EXPECT_EQ(ToNfc("e\xff\u0301"), "e\xff\u0301");
  EXPECT_EQ(ToNfc("\u0301e\u0301\xe2\x82"), "\u0301\u00e9\xe2\x82");
  EXPECT_EQ(ToNfc(""), "");
}

TEST(NormalForms, IsPlainOnlyBelowTheMarks) {
  EXPECT_TRUE(IsPlainNfc("plain \u00e9 \u02ff"));
  EXPECT_FALSE(IsPlainNfc("\u0300"));
  EXPECT_FALSE(IsPlainNfc("\u4e00"));
}

TEST(NormalForms, DoesAMegabyteOfMarks) {
  std::string marks;
  while (marks.size() < 1 << 18) marks += "\u0323\u0301";
  EXPECT_EQ(ToNfc("a" + marks).size(), marks.size() + 1);
}

}  // namespace
}  // namespace tare
