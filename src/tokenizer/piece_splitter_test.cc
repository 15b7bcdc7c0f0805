#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/piece_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcre2.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

namespace tare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Split(PreTokenizer pre_tokenizer, std::string_view text) {
  PieceSplitter splitter(pre_tokenizer, text);
  std::vector<std::string> pieces;
  for (auto piece = splitter.Next(); !piece.empty(); piece = splitter.Next()) {
    pieces.emplace_back(piece);
  }
  return pieces;
}
std::vector<std::string> Gpt2(std::string_view text) { return Split(PreTokenizer::kGpt2, text); }
std::vector<std::string> SmolLm(std::string_view text) {
  return Split(PreTokenizer::kSmolLm, text);
}

std::vector<std::string> Llama3(std::string_view text) {
  return Split(PreTokenizer::kLlama3, text);
}

TEST(PieceSplitter, WordsNumbersAndSignsTakeOneSpaceBefore) {
  EXPECT_THAT(Gpt2("Hello world 12!? x"), ElementsAre("Hello", " world", " 12", "!?", " x"));
  EXPECT_THAT(Gpt2("a1"), ElementsAre("a", "1"));
  EXPECT_THAT(Gpt2(""), IsEmpty());
}

TEST(PieceSplitter, ContractionsAreLowerCaseAndLeftmost) {
  EXPECT_THAT(Gpt2("I'm they'll"), ElementsAre("I", "'m", " they", "'ll"));
  EXPECT_THAT(Gpt2("I'M"), ElementsAre("I", "'", "M"));
  EXPECT_THAT(Gpt2(" 's ''s"), ElementsAre(" '", "s", " ''", "s"));
  EXPECT_THAT(Gpt2("'r"), ElementsAre("'", "r"));
}

TEST(PieceSplitter, SpacesLeaveTheLastToWhatFollows) {
  EXPECT_THAT(Gpt2("a   b"), ElementsAre("a", "  ", " b"));
  EXPECT_THAT(Gpt2("a\n\n\tb"), ElementsAre("a", "\n\n", "\t", "b"));
  EXPECT_THAT(Gpt2("a \n"), ElementsAre("a", " \n"));
  EXPECT_THAT(Gpt2("\n b"), ElementsAre("\n", " b"));
  EXPECT_THAT(Gpt2("\u3000\u3000b"), ElementsAre("\u3000", "\u3000", "b"));
}

TEST(PieceSplitter, SmolLmCutsAtEveryNumericCharacter) {
  EXPECT_THAT(SmolLm("x12  3½ y"), ElementsAre("x", "1", "2", "  ", "3", "½", " y"));
  EXPECT_THAT(SmolLm("'1s"), ElementsAre("'", "1", "s"));
}

TEST(PieceSplitter, DigitsOfTheNewestUnicodeAreSignsToGpt2) {
  EXPECT_THAT(Gpt2("!\U00011DE0"), ElementsAre("!\U00011DE0"));
  EXPECT_THAT(SmolLm("!\U00011DE0"), ElementsAre("!", "\U00011DE0"));
}

TEST(PieceSplitter, InvalidBytesStandAloneAndCutTheText) {
  EXPECT_THAT(Gpt2("ab\xFF\xFE  \x80 c"), ElementsAre("ab", "\xFF", "\xFE", "  ", "\x80", " c"));
  EXPECT_THAT(Gpt2("a\xE2\x82"), ElementsAre("a", "\xE2", "\x82"));
  EXPECT_THAT(Gpt2("\xED\xA0\x80"), ElementsAre("\xED", "\xA0", "\x80"));
}

TEST(PieceSplitter, Llama3WordsTakeAnyOneSignBefore) {
  EXPECT_THAT(Llama3("Hello world (x) \tword _a__b"),
              ElementsAre("Hello", " world", " (", "x", ")", " ", "\tword", " _", "a", "__", "b"));
  EXPECT_THAT(Llama3("\u00a0a\nb\rc"), ElementsAre("\u00a0a", "\n", "b", "\r", "c"));
}

TEST(PieceSplitter, Llama3CutsNumbersAfterThreeDigits) {
  EXPECT_THAT(Llama3("12345678 x1"), ElementsAre("123", "456", "78", " x", "1"));
  EXPECT_THAT(Llama3("  12"), ElementsAre(" ", " ", "12"));
}

TEST(PieceSplitter, Llama3SignsAndSpacesKeepTheLineEndsThatFollow) {
  EXPECT_THAT(Llama3("!\n\r\n x"), ElementsAre("!\n\r\n", " x"));
  EXPECT_THAT(Llama3("a \n \n  b"), ElementsAre("a", " \n \n", " ", " b"));
  EXPECT_THAT(Llama3("\n\n"), ElementsAre("\n\n"));
  EXPECT_THAT(Llama3("a   "), ElementsAre("a", "   "));
}

TEST(PieceSplitter, Llama3ContractionsAreOfAnyCase) {
  EXPECT_THAT(Llama3("I'M they'Ll 's't"), ElementsAre("I", "'M", " they", "'Ll", " '", "s", "'t"));
  EXPECT_THAT(Llama3("x'\u017fy 'rx"), ElementsAre("x", "'\u017f", "y", " '", "rx"));
}

TEST(PieceSplitter, WholeTextIsOnePiece) {
  EXPECT_THAT(Split(PreTokenizer::kWhole, "a b 12\n\n"), ElementsAre("a b 12\n\n"));
  EXPECT_THAT(Split(PreTokenizer::kWhole, "a b\xFF c"), ElementsAre("a b", "\xFF", " c"));
  EXPECT_THAT(Split(PreTokenizer::kWhole, ""), IsEmpty());
}

// The pattern as it is written, run by a regular-expression engine.
class ReferenceSplitter {
 public:
  explicit ReferenceSplitter(const char* pattern) {
    int error = 0;
    size_t offset = 0;
    code_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(pattern), PCRE2_ZERO_TERMINATED,
                              PCRE2_UTF | PCRE2_UCP, &error, &offset, nullptr));
    match_.reset(pcre2_match_data_create_from_pattern(code_.get(), nullptr));
  }

  std::vector<std::string> Split(const std::string& text) const {
    std::vector<std::string> pieces;
    for (size_t begin = 0; begin < text.size();) {
      const int found = pcre2_match(code_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                    text.size(), begin, 0, match_.get(), nullptr);
      const size_t* edges = pcre2_get_ovector_pointer(match_.get());
      EXPECT_GT(found, 0);
      EXPECT_EQ(edges[0], begin);
      if (found <= 0 || edges[1] <= begin) break;
      pieces.push_back(text.substr(begin, edges[1] - begin));
      begin = edges[1];
    }
    return pieces;
  }

 private:
  struct Free {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* match) const { pcre2_match_data_free(match); }
  };
  std::unique_ptr<pcre2_code, Free> code_;
  std::unique_ptr<pcre2_match_data, Free> match_;
};

// Characters whose classes no Unicode version changed since 10.0, some of each.
const std::vector<std::string> kCharacters = {
    "a",      "s",      "t",      "r",     "e", "v",      "l",  "d",      "Z",
    "é",      "ж",      "漢",     "ª",     "0", "7",      "²",  "½",      "٣",
    "Ⅷ",      "'",      "'",      "!",     "_", "\u0301", "😀",  "\u200d", std::string(1, 0),
    "\u00ad", "\ufeff", "\ue000", " ",     " ", " ",      "\n", "\t",     "\r",
    "\u0085", "\u00a0", "\u3000", "\u2028"};

void ExpectSplitsAs(PreTokenizer pre_tokenizer, const char* pattern) {
  const ReferenceSplitter reference(pattern);
  std::mt19937 rng(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (size_t size = rng() % 24; size > 0; --size)
      text += kCharacters[rng() % kCharacters.size()];
    ASSERT_EQ(Split(pre_tokenizer, text), reference.Split(text)) << testing::PrintToString(text);
  }
}

TEST(PieceSplitter, SplitsAsGpt2sPatternDoes) {
  ExpectSplitsAs(PreTokenizer::kGpt2,
                 R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)");
}

TEST(PieceSplitter, SplitsAsLlama3sPatternDoes) {
  ExpectSplitsAs(PreTokenizer::kLlama3,
                 R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
                 R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)");
}

}  // namespace
}  // namespace tare
