#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/piece_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcre2.h>

#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tokenizer/pre_tokenizers.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> Split(PreTokenizer pre_tokenizer, std::string_view text) {
  const std::vector<SplitPattern> patterns = CompilePatterns(pre_tokenizer);
  PieceSplitter splitter(patterns, text);
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
      const size_t match = found > 0 ? edges[0] : text.size();
      if (match > begin) pieces.push_back(text.substr(begin, match - begin));
      if (found <= 0) break;
      EXPECT_GT(edges[1], match);
      if (edges[1] <= match) break;
      pieces.push_back(text.substr(match, edges[1] - match));
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

// Each pattern splits the pieces that the one before has left; what it does not match stays.
std::vector<std::string> SplitByAll(const std::vector<ReferenceSplitter>& references,
                                    const std::string& text) {
  std::vector<std::string> pieces = {text};
  for (const ReferenceSplitter& reference : references) {
    std::vector<std::string> next;
    for (const std::string& piece : pieces) {
      for (std::string& part : reference.Split(piece)) next.push_back(std::move(part));
    }
    pieces = std::move(next);
  }
  return pieces;
}

class EveryPreTokenizer : public testing::TestWithParam<PreTokenizer> {};

TEST_P(EveryPreTokenizer, SplitsAsItsPatternsDo) {
  std::vector<ReferenceSplitter> references;
  for (std::string_view pattern : PatternsOf(GetParam())) {
    references.emplace_back(pattern == kDigitsPattern ? R"(\p{N})" : std::string(pattern).c_str());
  }
  const std::vector<SplitPattern> patterns = CompilePatterns(GetParam());
  std::mt19937 rng(7);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (size_t size = 1 + rng() % 24; size > 0; --size)
      text += kCharacters[rng() % kCharacters.size()];
    PieceSplitter splitter(patterns, text);
    std::vector<std::string> pieces;
    for (auto piece = splitter.Next(); !piece.empty(); piece = splitter.Next()) {
      pieces.emplace_back(piece);
    }
    ASSERT_EQ(pieces, SplitByAll(references, text)) << testing::PrintToString(text);
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, EveryPreTokenizer,
    testing::Values(PreTokenizer::kGpt2, PreTokenizer::kSmolLm, PreTokenizer::kLlama3,
                    PreTokenizer::kQwen2, PreTokenizer::kQwen35, PreTokenizer::kGpt4o,
                    PreTokenizer::kTekken, PreTokenizer::kDefault, PreTokenizer::kDeepSeekV3,
                    PreTokenizer::kDeepSeekCoder, PreTokenizer::kDeepSeekLlm, PreTokenizer::kFalcon,
                    PreTokenizer::kBloom, PreTokenizer::kViking),
    [](const auto& each) { return "p" + std::to_string(static_cast<int>(each.param)); });

TEST(PieceSplitter, TakesLinearTimeWherePatternsFail) {
  for (const char* part : {" ", "A", "漢", "\u0301", "1", "'", "!"}) {
    std::string text;
    while (text.size() < 300000) text += part;
    text += "\u0001";
    for (const PreTokenizer pre : {PreTokenizer::kGpt4o, PreTokenizer::kDeepSeekLlm,
                                   PreTokenizer::kDeepSeekV3, PreTokenizer::kDefault}) {
      std::string joined;
      for (const std::string& piece : Split(pre, text)) joined += piece;
      EXPECT_EQ(joined, text);
    }
  }
}

TEST(PreTokenizer, HasNamesWithTheirFlags) {
  EXPECT_EQ(FindPreTokenizer("llama-v3")->split, PreTokenizer::kLlama3);
  EXPECT_TRUE(FindPreTokenizer("llama-v3")->ignores_merges);
  EXPECT_TRUE(FindPreTokenizer("tekken")->adds_bos);
  EXPECT_EQ(FindPreTokenizer("dbrx")->split, PreTokenizer::kLlama3);
  EXPECT_FALSE(FindPreTokenizer("dbrx")->ignores_merges);
  EXPECT_EQ(FindPreTokenizer("refact")->split, PreTokenizer::kSmolLm);
  EXPECT_EQ(FindPreTokenizer("deepseek-r1-qwen")->split, PreTokenizer::kQwen2);
}

TEST(PreTokenizer, AnUnknownNameIsTheDefaultAndSaysSo) {
  EXPECT_EQ(FindPreTokenizer("no-such")->split, PreTokenizer::kDefault);
  EXPECT_FALSE(FindPreTokenizer("no-such")->is_known);
  EXPECT_FALSE(FindPreTokenizer("gpt")->is_known);
  EXPECT_TRUE(FindPreTokenizer("default")->is_known);
  ASSERT_FALSE(FindPreTokenizer("chameleon").ok());
  EXPECT_EQ(FindPreTokenizer("chameleon").error().code(), ErrorCode::kUnsupported);
}

TEST(PreTokenizer, IsWrittenByANameThatMeansTheSame) {
  for (int i = 0; i <= static_cast<int>(PreTokenizer::kViking); ++i) {
    const auto pre = static_cast<PreTokenizer>(i);
    if (pre == PreTokenizer::kWhole) continue;
    EXPECT_EQ(FindPreTokenizer(PreTokenizerName(pre))->split, pre) << i;
  }
  EXPECT_EQ(PreTokenizerName(PreTokenizer::kLlama3, true), "llama-bpe");
  EXPECT_EQ(PreTokenizerName(PreTokenizer::kLlama3, false), "dbrx");
  EXPECT_EQ(PreTokenizerName(PreTokenizer::kWhole), "");
}

}  // namespace
}  // namespace tare
