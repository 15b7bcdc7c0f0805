#include "tare/tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/utf8.h"
#include "tokenizer/test_vocabulary.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const std::vector<std::string> kMerges = {"t h", "th e", "Ġ the", "a a", "aa aa", "Ġ Ġ", "ĠĠ ĠĠ"};
constexpr int32_t kThe = 257;
constexpr int32_t kSpaceThe = 258;
constexpr int32_t kStart = 263;
constexpr int32_t kEnd = 264;
constexpr int32_t kTab = 265;
constexpr int32_t kSize = 266;

Tokenizer Make(PreTokenizer pre_tokenizer = PreTokenizer::kGpt2) {
  const auto vocabulary = TestVocabulary::OfBytes(kMerges, {"<start>", "<end>"}, {"é\t"});
  TokenizerVocabulary view = vocabulary.View(pre_tokenizer);
  view.bos_id = kStart;
  view.eos_id = kEnd;
  return std::move(Tokenizer::Create(std::move(view))).value();
}

std::vector<int32_t> Ids(const Tokenizer& tokenizer, std::string_view text,
                         EncodeOptions options = {}) {
  return tokenizer.Encode(text, options).value();
}

TEST(Tokenizer, MergesWithinPiecesOnly) {
  const Tokenizer tokenizer = Make();
  EXPECT_THAT(Ids(tokenizer, "the the"), ElementsAre(kThe, kSpaceThe));
  EXPECT_THAT(Ids(tokenizer, "t he"), ElementsAre('t', ' ', 'h', 'e'));
  EXPECT_THAT(Ids(tokenizer, ""), IsEmpty());
}

TEST(Tokenizer, ParsesControlTokensOnlyWhereAsked) {
  const Tokenizer tokenizer = Make();
  EXPECT_THAT(Ids(tokenizer, "<end>"), ElementsAre('<', 'e', 'n', 'd', '>'));
  EXPECT_THAT(Ids(tokenizer, "the<end>the", {.parse_special = true}),
              ElementsAre(kThe, kEnd, kThe));
}

TEST(Tokenizer, PutsEndsAroundATextWhereAsked) {
  const Tokenizer tokenizer = Make();
  EXPECT_THAT(Ids(tokenizer, "the", {.add_bos = true, .add_eos = true}),
              ElementsAre(kStart, kThe, kEnd));
  EXPECT_FALSE(tokenizer.adds_eos());
  const auto vocabulary = TestVocabulary::OfBytes(kMerges);
  const auto without = Tokenizer::Create(vocabulary.View());
  EXPECT_THAT(without->Encode("the", {.add_eos = true}).error().message(), HasSubstr("eos"));
}

TEST(Tokenizer, StopsAtTokensThatAreKnownByTheirNames) {
  const auto stops = [](const std::vector<std::string>& control) {
    const auto vocabulary = TestVocabulary::OfBytes({}, control);
    const auto tokenizer = Tokenizer::Create(vocabulary.View());
    const auto ids = tokenizer->stop_ids();
    return testing::PrintToString(std::vector<int32_t>(ids.begin(), ids.end()));
  };
  EXPECT_EQ(stops({"<|im_end|>", "<|im_start|>", "<end_of_turn>"}), "{ 256, 258 }");
  EXPECT_EQ(stops({"<|end|>", "<|return|>"}), "{ 257, 256 }");
  // Here it ends only a part of an answer.
  EXPECT_EQ(stops({"<|end|>", "<|return|>", "<|call|>"}), "{ 257, 258 }");
  EXPECT_EQ(stops({"</s>"}), "{ 256 }");
  EXPECT_EQ(stops({"</s>", "<|im_end|>"}), "{ 257 }");
}

TEST(Tokenizer, FindsUserDefinedTokensAlways) {
  const Tokenizer tokenizer = Make();
  EXPECT_THAT(Ids(tokenizer, "aé\tb"), ElementsAre('a', kTab, 'b'));
  EXPECT_THAT(Ids(tokenizer, "<end>é\t", {.parse_special = true}), ElementsAre(kEnd, kTab));
  EXPECT_EQ(tokenizer.Decode(std::vector<int32_t>{kTab}).value(), "é\t");
}

TEST(Tokenizer, AddsBosWhereAsked) {
  EXPECT_THAT(Ids(Make(), "a", {.add_bos = true}), ElementsAre(kStart, 'a'));
  const auto vocabulary = TestVocabulary::OfBytes({});
  const auto without = Tokenizer::Create(vocabulary.View()).value().Encode("a", {.add_bos = true});
  ASSERT_FALSE(without.ok());
  EXPECT_EQ(without.error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(without.error().message(), HasSubstr("bos"));
}

TEST(Tokenizer, TellsWhatItKnows) {
  const Tokenizer tokenizer = Make();
  EXPECT_EQ(tokenizer.vocabulary_size(), kSize);
  EXPECT_EQ(tokenizer.bos_id(), kStart);
  EXPECT_EQ(tokenizer.eos_id(), kEnd);
  EXPECT_FALSE(tokenizer.adds_bos());
  EXPECT_EQ(tokenizer.FindSpecial("<end>"), kEnd);
  EXPECT_EQ(tokenizer.FindSpecial("é\t"), kTab);
  EXPECT_EQ(tokenizer.FindSpecial("<en"), std::nullopt);
  EXPECT_EQ(tokenizer.FindSpecial("the"), std::nullopt);
  EXPECT_TRUE(tokenizer.IsControl(kEnd));
  EXPECT_FALSE(tokenizer.IsControl(kTab));
  EXPECT_FALSE(tokenizer.IsControl(kSize));
  EXPECT_EQ(tokenizer.TokenBytes(kSpaceThe), " the");
  EXPECT_EQ(tokenizer.TokenBytes(kSize), "");
  EXPECT_EQ(tokenizer.TokenBytes(-1), "");
}

TEST(Tokenizer, DecodesExactBytesAndSkipsControlTokensWhereAsked) {
  const Tokenizer tokenizer = Make();
  const std::vector<int32_t> ids = {kStart, kThe, 0xFF, 0x00, kEnd};
  EXPECT_EQ(tokenizer.Decode(ids).value(), std::string("<start>the\xFF\0<end>", 17));
  EXPECT_EQ(tokenizer.Decode(ids, {.skip_special = true}).value(), std::string("the\xFF\0", 5));
}

TEST(Tokenizer, RefusesToDecodeIdsOutsideTheVocabulary) {
  const Tokenizer tokenizer = Make();
  for (int32_t id : {-1, kSize}) {
    const auto text = tokenizer.Decode(std::vector<int32_t>{'a', id});
    ASSERT_FALSE(text.ok());
    EXPECT_EQ(text.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(text.error().message(), HasSubstr(std::to_string(id)));
  }
}

TEST(Tokenizer, EveryCharacterAloneAndInContextSurvives) {
  for (PreTokenizer pre_tokenizer : {PreTokenizer::kGpt2, PreTokenizer::kSmolLm}) {
    const Tokenizer tokenizer = Make(pre_tokenizer);
    std::string text;
    for (uint32_t c = 0; c < 0x110000; c += c < 0x3000 ? 1 : 37) {
      if (c >= 0xD800 && c <= 0xDFFF) continue;
      char bytes[4];
      const size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
      uint32_t rest = c;
      for (size_t i = size; i-- > 1; rest >>= 6) bytes[i] = static_cast<char>(0x80 | (rest & 0x3F));
      bytes[0] = static_cast<char>(size == 1 ? c : (0xF00 >> size & 0xFF) | rest);
      text.append("a").append(bytes, size).append(" ").append(bytes, size);
    }
    EXPECT_EQ(tokenizer.Decode(Ids(tokenizer, text)).value(), text);
  }
}

TEST(Tokenizer, RandomBytesSurvive) {
  std::mt19937 rng(5);
  for (PreTokenizer pre_tokenizer : {PreTokenizer::kGpt2, PreTokenizer::kSmolLm}) {
    const Tokenizer tokenizer = Make(pre_tokenizer);
    for (int round = 0; round < 500; ++round) {
      std::string text(rng() % 1200, '\0');
      const unsigned values = round % 2 == 0 ? 256 : 4;
      for (char& c : text) c = static_cast<char>(values == 256 ? rng() : "at \xC3"[rng() % values]);
      ASSERT_EQ(tokenizer.Decode(Ids(tokenizer, text)).value(), text);
      ASSERT_EQ(tokenizer.Decode(Ids(tokenizer, text, {.parse_special = true})).value(), text);
    }
  }
}

TEST(Tokenizer, InvalidBytesBecomeTheirTokensAndCutTheText) {
  const Tokenizer tokenizer = Make();
  EXPECT_THAT(Ids(tokenizer,
                  "th\xFF"
                  "e  \xC3the"),
              ElementsAre(256, 0xFF, 'e', 261, 0xC3, kThe));
}

TEST(Tokenizer, LeavesOutBytesThatTheVocabularyLacks) {
  auto vocabulary = TestVocabulary::OfBytes({"! !"});
  vocabulary.tokens[0x04] = "unused";
  const Tokenizer tokenizer = Tokenizer::Create(vocabulary.View()).value();
  EXPECT_FALSE(tokenizer.EncodesByte(0x04));
  EXPECT_TRUE(tokenizer.EncodesByte('!'));
  EXPECT_THAT(Ids(tokenizer, "!\x04!"), ElementsAre(256));
}

TEST(Tokenizer, RepeatedWordsAreEncodedAsTheFirst) {
  const Tokenizer tokenizer = Make();
  std::string text;
  std::vector<int32_t> expected;
  for (int i = 0; i < 3000; ++i) {
    const std::string word = " the" + std::to_string(i % 700);
    text += word;
    const auto ids = Ids(tokenizer, word);
    expected.insert(expected.end(), ids.begin(), ids.end());
  }
  EXPECT_EQ(Ids(tokenizer, text), expected);
}

TEST(Tokenizer, MegabytesOfOneCharacterAreEncodedWhole) {
  constexpr size_t kBytes = 1 << 20;
  const Tokenizer tokenizer = Make();
  EXPECT_EQ(Ids(tokenizer, std::string(kBytes, 'a')), std::vector<int32_t>(kBytes / 4, 260));
  EXPECT_EQ(Ids(tokenizer, std::string(kBytes, ' ')), std::vector<int32_t>(kBytes / 4, 262));
  EXPECT_EQ(Ids(tokenizer, std::string(kBytes, '\xFF')), std::vector<int32_t>(kBytes, 0xFF));
  EXPECT_EQ(Ids(tokenizer, std::string(kBytes, '<'), {.parse_special = true}).size(), kBytes);
}

TEST(Tokenizer, ManyThreadsEncodeAtOnce) {
  const Tokenizer tokenizer = Make();
  const std::string text(5000, 'a');
  const auto expected = Ids(tokenizer, text);
  std::vector<std::vector<int32_t>> results(4);
  std::vector<std::thread> threads;
  for (auto& result : results) {
    threads.emplace_back([&] { result = Ids(tokenizer, text); });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(Tokenizer, TakesAPieceThatIsATokenWholeWhereMergesAreIgnored) {
  TestVocabulary vocabulary = TestVocabulary::OfBytes({"t h", "th e"});
  vocabulary.Add("xyz", 1);    // 258: no merges make it
  vocabulary.Add("Ġthen", 1);  // 259
  vocabulary.Add("<x>", 3);    // 260
  for (const bool ignores : {false, true}) {
    TokenizerVocabulary view = vocabulary.View();
    view.ignores_merges = ignores;
    const auto tokenizer = std::move(Tokenizer::Create(std::move(view))).value();
    using Ids = std::vector<int32_t>;
    EXPECT_EQ(tokenizer.Encode("xyz then").value(),
              ignores ? Ids({258, 259}) : Ids({'x', 'y', 'z', ' ', 257, 'n'}));
    EXPECT_EQ(tokenizer.Encode("xyzt").value(), Ids({'x', 'y', 'z', 't'}));
    EXPECT_EQ(tokenizer.Encode("the").value(), Ids({257}));
    EXPECT_EQ(tokenizer.Encode("<x>").value(), Ids({'<', 'x', '>'}));
  }
}

TEST(Tokenizer, NamesEveryEndOnceEosFirst) {
  const TestVocabulary vocabulary = TestVocabulary::OfBytes({}, {"<a>", "<b>", "<c>"});
  TokenizerVocabulary view = vocabulary.View();
  view.eos_id = 258;
  view.other_end_ids = {256, 258, 257, 256};
  const auto tokenizer = std::move(Tokenizer::Create(std::move(view))).value();
  EXPECT_THAT(tokenizer.end_ids(), testing::ElementsAre(258, 256, 257));

  TokenizerVocabulary bad = vocabulary.View();
  bad.other_end_ids = {259};
  EXPECT_EQ(Tokenizer::Create(std::move(bad)).error().code(), ErrorCode::kCorruptFile);
}

class BadVocabulary : public testing::Test {
 protected:
  void ExpectRefused(ErrorCode code, const std::string& message) {
    TokenizerVocabulary view = vocabulary_.View();
    view.bos_id = bos_id_;
    view.eos_id = eos_id_;
    const auto tokenizer = Tokenizer::Create(std::move(view));
    ASSERT_FALSE(tokenizer.ok());
    EXPECT_EQ(tokenizer.error().code(), code);
    EXPECT_THAT(tokenizer.error().message(), HasSubstr(message));
  }

  TestVocabulary vocabulary_ = TestVocabulary::OfBytes(kMerges, {"<end>"});
  std::optional<int32_t> bos_id_;
  std::optional<int32_t> eos_id_;
};

TEST_F(BadVocabulary, NoTokens) {
  vocabulary_ = {};
  ExpectRefused(ErrorCode::kCorruptFile, "no tokens");
}
TEST_F(BadVocabulary, TokenTwice) {
  vocabulary_.Add("the", 1);
  ExpectRefused(ErrorCode::kCorruptFile, "tokens 257 and 264 are both \"the\"");
}
TEST_F(BadVocabulary, AnotherNumberOfTypes) {
  vocabulary_.types.pop_back();
  ExpectRefused(ErrorCode::kCorruptFile, "264 tokens but 263 token types");
}
TEST_F(BadVocabulary, UnknownType) {
  vocabulary_.types[9] = 7;
  ExpectRefused(ErrorCode::kCorruptFile, "token 9 has type 7");
}
TEST_F(BadVocabulary, ByteTokens) {
  vocabulary_.Add("<0x0A>", 6);
  ExpectRefused(ErrorCode::kUnsupported, "token 264 has type 6 (byte)");
}
TEST_F(BadVocabulary, SpecialTokenWithoutText) {
  vocabulary_.Add("", 3);
  ExpectRefused(ErrorCode::kCorruptFile, "special token 264 has no text");
}
TEST_F(BadVocabulary, BosOutside) {
  bos_id_ = 264;
  ExpectRefused(ErrorCode::kCorruptFile, "bos id is 264, outside the vocabulary [0, 264)");
}
TEST_F(BadVocabulary, EosOutside) {
  eos_id_ = -1;
  ExpectRefused(ErrorCode::kCorruptFile, "eos id is -1");
}
TEST_F(BadVocabulary, MergeWithoutSpace) {
  vocabulary_.merges.push_back("th");
  ExpectRefused(ErrorCode::kCorruptFile, "merge 7 is \"th\", expected two tokens");
}
TEST_F(BadVocabulary, MergeOfThree) {
  vocabulary_.merges.push_back("t h e");
  ExpectRefused(ErrorCode::kCorruptFile, "merge 7 is \"t h e\", expected two tokens");
}
TEST_F(BadVocabulary, MergeOfNothing) {
  vocabulary_.merges.push_back(" the");
  ExpectRefused(ErrorCode::kCorruptFile, "no token \"\"");
}
TEST_F(BadVocabulary, MergeOfUnknownTokens) {
  vocabulary_.merges.push_back("zz e");
  ExpectRefused(ErrorCode::kCorruptFile, "no token \"zz\"");
}
TEST_F(BadVocabulary, MergeToAnUnknownToken) {
  vocabulary_.merges.push_back("e z");
  ExpectRefused(ErrorCode::kCorruptFile, "no token \"ez\"");
}
TEST_F(BadVocabulary, MergeTwice) {
  vocabulary_.merges.push_back("t h");
  ExpectRefused(ErrorCode::kCorruptFile, "merge 7 is \"t h\", the same as an earlier merge");
}
TEST_F(BadVocabulary, MergeToAControlToken) {
  vocabulary_.Add("nd", 3);
  vocabulary_.merges.push_back("n d");
  ExpectRefused(ErrorCode::kCorruptFile,
                "merge 7 is \"n d\", which turns plain text into special token 264");
}
TEST_F(BadVocabulary, MergeToAUserDefinedTokenOfOtherBytes) {
  vocabulary_.Add("Ġq", 4);
  vocabulary_.merges.push_back("Ġ q");
  ExpectRefused(ErrorCode::kCorruptFile, "which turns plain text into special token 264");
}
TEST_F(BadVocabulary, ControlTokenInTheByteAlphabet) {
  vocabulary_.types['a'] = 3;
  ExpectRefused(ErrorCode::kCorruptFile, "special token 97 is \"a\", which stands for byte 0x61");
}
TEST_F(BadVocabulary, MessagesShowNoControlCharacters) {
  vocabulary_.merges.push_back("\x1b[2J\xFF" + std::string(300, 'x'));
  ExpectRefused(ErrorCode::kCorruptFile, "\"\\x1b[2J\\xffxxx");
}

}  // namespace
}  // namespace tare
