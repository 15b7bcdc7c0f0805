#include "tools/synth/synth_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "base/testing/temp_folder.h"
#include "models/families/gpt2/gpt2.h"
#include "models/families/llama/llama.h"
#include "tare/tokenizer.h"
#include "tools/synth/synth_shapes.h"
#include "tools/synth/synth_text.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

const KerasTokenizerClass& kGpt2 = kGpt2Family.keras_tokenizer;
const KerasTokenizerClass& kLlama = kLlamaFamily.keras_tokenizer;

// As KerasHub uses it: special tokens whole, and no pieces.
Result<Tokenizer> Build(const KerasTokenizer& tokenizer) {
  const std::set<std::string> special(tokenizer.special_tokens.begin(),
                                      tokenizer.special_tokens.end());
  std::vector<int32_t> types;
  for (const std::string& token : tokenizer.tokens)
    types.push_back(special.contains(token) ? 3 : 1);
  TokenizerVocabulary vocabulary;
  vocabulary.tokens = SequenceOf<std::string_view>(tokenizer.tokens);
  vocabulary.merges = SequenceOf<std::string_view>(tokenizer.merges);
  vocabulary.token_types = SequenceOf<int32_t>(types);
  vocabulary.pre_tokenizer = PreTokenizer::kWhole;
  return Tokenizer::Create(vocabulary);
}

class MadeTokenizerTest : public testing::TestWithParam<size_t> {};

TEST_P(MadeTokenizerTest, EveryTokenIsWhatItsTextEncodesTo) {
  const auto made = MakeTokenizer(kSynthText, GetParam(), kGpt2);
  ASSERT_TRUE(made.ok()) << made.error().message();
  ASSERT_EQ(made->tokens.size(), GetParam());
  EXPECT_EQ(made->tokens.back(), "<|endoftext|>");
  const auto tokenizer = Build(*made);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  for (int32_t id = 0; id < static_cast<int32_t>(GetParam()); ++id) {
    const auto text = tokenizer->Decode(std::vector{id});
    ASSERT_TRUE(text.ok());
    ASSERT_THAT(tokenizer->Encode(*text, {.parse_special = true}).value(), ElementsAre(id))
        << *text;
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, MadeTokenizerTest, testing::Values(257, 300, 997, 5000, 50257));

TEST(MakeTokenizerTest, LearnsWordsOfItsTextAndKeepsAnyBytes) {
  const auto made = MakeTokenizer(kSynthText, 1000, kLlama);
  ASSERT_TRUE(made.ok());
  EXPECT_THAT(made->tokens,
              testing::IsSupersetOf({"Ġthe", "Ġweighed", "<|begin_of_text|>", "<|end_of_text|>",
                                     "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>"}));
  const auto tokenizer = Build(*made);
  ASSERT_TRUE(tokenizer.ok());
  const std::string text = "The weigh house,\n\n\t12.5 x \xff\xc3 ü 🙂";
  const auto ids = tokenizer->Encode(text);
  ASSERT_TRUE(ids.ok());
  EXPECT_LT(ids->size(), text.size());
  EXPECT_EQ(tokenizer->Decode(*ids).value(), text);
}

TEST(MakeTokenizerTest, TextWithoutWordsIsEnough) {
  const auto made = MakeTokenizer("", 2000, kGpt2);
  ASSERT_TRUE(made.ok());
  EXPECT_TRUE(Build(*made).ok());
}

TEST(MakeTokenizerTest, RefusesAVocabularyThatHasNoRoomForBytes) {
  const auto gpt2 = MakeTokenizer(kSynthText, 256, kGpt2);
  ASSERT_FALSE(gpt2.ok());
  EXPECT_THAT(gpt2.error().message(), HasSubstr("use 257 or more"));
  const auto llama = MakeTokenizer(kSynthText, 260, kLlama);
  ASSERT_FALSE(llama.ok());
  EXPECT_THAT(llama.error().message(), HasSubstr("use 261 or more"));
}

class ReadTokenizerTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_.File(name)) << text;
  }
  std::string Message(size_t size, const KerasTokenizerClass& known = kGpt2) {
    const auto read = ReadTokenizer(folder_.path(), size, known);
    return read.ok() ? "fine" : read.error().message();
  }
  const TempFolder folder_;
};

TEST_F(ReadTokenizerTest, TakesBothSetsOfNames) {
  for (const auto& [vocabulary, merges] :
       {std::pair{"vocabulary.json", "merges.txt"}, std::pair{"encoder.json", "vocab.bpe"}}) {
    Write(vocabulary, R"({"b": 1, "a": 0, "ab": 2, "<|endoftext|>": 3})");
    Write(merges, "#version: 0.2\r\na b\r\n");
    const auto read = ReadTokenizer(folder_.path(), 4, kGpt2);
    ASSERT_TRUE(read.ok()) << read.error().message();
    EXPECT_THAT(read->tokens, ElementsAre("a", "b", "ab", "<|endoftext|>"));
    EXPECT_THAT(read->merges, ElementsAre("a b"));
    EXPECT_EQ(read->eos, "<|endoftext|>");
  }
}

TEST_F(ReadTokenizerTest, RefusesWhatDoesNotFit) {
  EXPECT_THAT(Message(4), HasSubstr("vocabulary.json: No such file"));
  Write("vocabulary.json", R"({"b": 1, "a": 0, "ab": 2, "<|endoftext|>": 3})");
  EXPECT_THAT(Message(4), HasSubstr("merges.txt: No such file"));
  Write("merges.txt", "a b\n");
  EXPECT_EQ(Message(4), "fine");
  EXPECT_THAT(Message(3), HasSubstr("has 4 tokens, but the shape's vocabulary is 3"));
  EXPECT_THAT(Message(50257), HasSubstr("has 4 tokens, but the shape's vocabulary is 50257"));
  EXPECT_THAT(Message(4, kLlama), HasSubstr("<|begin_of_text|>"));
  Write("merges.txt", "a c\n");
  EXPECT_THAT(Message(4), HasSubstr(folder_.path()));
  Write("vocabulary.json", R"({"b": 1, "a": 0, "ab": 4, "<|endoftext|>": 3})");
  EXPECT_THAT(Message(4), HasSubstr("each id from 0 to 3 once"));
  Write("vocabulary.json", R"({"b": 1, "a": 0, "ab": 1, "<|endoftext|>": 3})");
  EXPECT_THAT(Message(4), HasSubstr("each id from 0 to 3 once"));
  Write("vocabulary.json", R"(["a"])");
  EXPECT_THAT(Message(1), HasSubstr("expected an object"));
}

}  // namespace
}  // namespace tare
