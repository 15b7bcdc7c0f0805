#include "cli/escapes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tare {
namespace {

using ::testing::HasSubstr;

std::string Read(std::string_view text) {
  const Result<std::string> read = ReadEscapes(text);
  return read.ok() ? *read : "error: " + read.error().message();
}

TEST(EscapesTest, ReadsEachEscapeAndLeavesAllElse) {
  EXPECT_EQ(Read(R"(\n\n)"), "\n\n");
  EXPECT_EQ(Read(R"(a\tb\rc\\d\"e)"), "a\tb\rc\\d\"e");
  EXPECT_EQ(Read(R"(\\n)"), "\\n");
  EXPECT_EQ(Read("plain é 日本"), "plain é 日本");
  EXPECT_EQ(Read(""), "");
  EXPECT_EQ(Read("\n"), "\n");
}

TEST(EscapesTest, ReadsBytesAndCharacters) {
  EXPECT_EQ(Read(R"(\x41\x7a\xfF)"), "Az\xff");
  EXPECT_EQ(Read(R"(\x00)"), std::string(1, '\0'));
  EXPECT_EQ(Read(R"(\u0041\u00e9\u65E5)"), "Aé日");
  EXPECT_EQ(Read(R"(\u007f\u0080\u07ff\u0800\uffff)"), "\x7f\u0080\u07ff\u0800\uffff");
  EXPECT_EQ(Read(R"(\ud83d\ude42!)"), "🙂!");
  EXPECT_EQ(Read(R"(\ud800\udc00\udbff\udfff)"), "\U00010000\U0010ffff");
}

TEST(EscapesTest, SaysWhereWhatIsNoEscape) {
  const Result<std::string> read = ReadEscapes(R"(é日\q)");
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(read.error().message(),
              HasSubstr(R"(character 3: "\q" is not an escape; expected \n)"));
  EXPECT_THAT(Read("ab\\é"), HasSubstr("character 3: \"\\é\" is not an escape"));
  EXPECT_THAT(Read("\\"), HasSubstr("character 1: \"\\\" at the end"));
  EXPECT_THAT(Read(R"(\x4)"), HasSubstr("without two hexadecimal digits"));
  EXPECT_THAT(Read(R"(\x-4)"), HasSubstr("without two hexadecimal digits"));
  EXPECT_THAT(Read(R"(\u004)"), HasSubstr("without four hexadecimal digits"));
  EXPECT_THAT(Read(R"(\u+041)"), HasSubstr("without four hexadecimal digits"));
}

TEST(EscapesTest, RefusesHalfASurrogatePair) {
  EXPECT_THAT(Read(R"(a\ude42)"), HasSubstr("character 2: \"\\u\", the second half"));
  for (const char* text : {R"(\ud83d)", R"(\ud83d!)", R"(\ud83dA)", R"(\ud83d\ud83d)",
                           R"(\ud83d\ude4)", R"(\ud83d\x41)"}) {
    EXPECT_THAT(Read(text), HasSubstr("the first half of a surrogate pair")) << text;
  }
}

}  // namespace
}  // namespace tare
