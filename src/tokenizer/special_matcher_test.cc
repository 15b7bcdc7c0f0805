#include "tokenizer/special_matcher.h"

#include <gtest/gtest.h>

#include "tokenizer/test_vocabulary.h"

namespace tare {
namespace {

class SpecialMatcherTest : public testing::Test {
 protected:
  SpecialMatcherTest() {
    for (const char* text : {"<a>", "<a>b", "<ab", "x", "<a>bcd"}) vocabulary_.Add(text, 3);
    const TokenizerVocabulary view = vocabulary_.View();
    table_.emplace(
        TokenTable::Create(view.tokens, view.token_types, TokenSpelling::kByteAlphabet).value());
    matcher_ = SpecialMatcher(*table_, SpecialSort::kControl);
  }

  void ExpectMatch(std::string_view text, size_t begin, size_t at, int32_t id) {
    const auto match = matcher_.Find(text, begin);
    ASSERT_TRUE(match.has_value()) << text;
    EXPECT_EQ(match->begin, at) << text;
    EXPECT_EQ(match->id, id) << text;
    EXPECT_EQ(text.substr(match->begin, match->size), table_->Text(id));
  }

  TestVocabulary vocabulary_;
  std::optional<TokenTable> table_;
  SpecialMatcher matcher_;
};

TEST_F(SpecialMatcherTest, TakesTheLongestAtTheLeftmostPlace) {
  ExpectMatch("__<a>b", 0, 2, 1);
  ExpectMatch("<a>bc", 0, 0, 1);
  ExpectMatch("<a>bcd", 0, 0, 4);
  ExpectMatch("<a>", 0, 0, 0);
  ExpectMatch("<a<ab>x", 0, 2, 2);
  ExpectMatch("<a>x", 1, 3, 3);
}

TEST_F(SpecialMatcherTest, FindsNothingWhereNothingIsWhole) {
  EXPECT_FALSE(matcher_.Find("<a", 0).has_value());
  EXPECT_FALSE(matcher_.Find("", 0).has_value());
  EXPECT_FALSE(matcher_.Find("x", 1).has_value());
  EXPECT_FALSE(SpecialMatcher(*table_, SpecialSort::kUserDefined).Find("<a>", 0).has_value());
}

}  // namespace
}  // namespace tare
