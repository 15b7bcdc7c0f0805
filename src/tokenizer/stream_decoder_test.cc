#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "base/testing/fails_with.h"
#include "base/utf8.h"
#include "tare/tokenizer.h"
#include "tokenizer/test_vocabulary.h"

namespace tare {
namespace {

class StreamDecoderTest : public testing::Test {
 protected:
  // The ids of single bytes are their values.
  std::vector<std::string> PushBytes(std::string_view bytes) {
    std::vector<std::string> texts;
    for (char byte : bytes) texts.push_back(decoder_.Push(static_cast<uint8_t>(byte)).value());
    return texts;
  }

  const TestVocabulary vocabulary_ = TestVocabulary::OfBytes({"Ġ ð"}, {"<end>"});
  const Tokenizer tokenizer_ = std::move(Tokenizer::Create(vocabulary_.View())).value();
  StreamDecoder decoder_{tokenizer_};
};

TEST_F(StreamDecoderTest, HoldsACharacterBackUntilItIsWhole) {
  EXPECT_THAT(PushBytes("a\xF0\x9F\x98\x80 \xC3\xA9"),
              testing::ElementsAre("a", "", "", "", "😀", " ", "", "é"));
  EXPECT_EQ(decoder_.Flush(), "");
}

TEST_F(StreamDecoderTest, GivesTheWholeCharactersOfATokenThatEndsInsideOne) {
  EXPECT_EQ(decoder_.Push(256).value(), " ");  // a space and the first byte of four
  EXPECT_EQ(decoder_.Push(0x9F).value(), "");
  EXPECT_EQ(decoder_.Push('x').value(), "\uFFFDx");
}

TEST_F(StreamDecoderTest, FlushReplacesWhatIsUnfinishedOnceAndStartsAnew) {
  PushBytes("\xE2\x82");
  EXPECT_EQ(decoder_.Flush(), "\uFFFD");
  EXPECT_EQ(decoder_.Flush(), "");
  EXPECT_EQ(decoder_.Push('a').value(), "a");
}

TEST_F(StreamDecoderTest, ReplacesEachMaximalSubpart) {
  EXPECT_THAT(PushBytes("\xFF\x80\xE2\x82z\xED\xA0"),
              testing::ElementsAre("\uFFFD", "\uFFFD", "", "", "\uFFFDz", "", "\uFFFD\uFFFD"));
}

TEST_F(StreamDecoderTest, SkipsControlTokensWhereAsked) {
  StreamDecoder skipping(tokenizer_, {.skip_special = true});
  EXPECT_EQ(skipping.Push(257).value(), "");
  EXPECT_EQ(decoder_.Push(257).value(), "<end>");
}

TEST_F(StreamDecoderTest, RefusesIdsOutsideTheVocabulary) {
  EXPECT_THAT(decoder_.Push(258), FailsWith(ErrorCode::kInvalidInput,
                                            "token id 258 is outside the vocabulary [0, 258)"));
  EXPECT_THAT(decoder_.Push(-1), FailsWith(ErrorCode::kInvalidInput, "token id -1 is outside"));
}

TEST_F(StreamDecoderTest, WhateverComesTheTextIsValidAtEveryStep) {
  std::mt19937 rng(11);
  const std::string_view often = "\xF0\x9F\x98\x80\xE2\x82\xAC\xC3\xA9\xED\xA0";
  for (int i = 0; i < 20000; ++i) {
    const int32_t id = rng() % 3 != 0 ? static_cast<uint8_t>(often[rng() % often.size()])
                                      : static_cast<int32_t>(rng() % 258);
    const std::string text = decoder_.Push(id).value();
    for (std::string_view rest = text; !rest.empty();) {
      const Utf8Char c = DecodeUtf8(rest);
      ASSERT_EQ(c.status, Utf8Status::kValid);
      rest.remove_prefix(c.size);
    }
  }
}

}  // namespace
}  // namespace tare
