#include "models/tokenizers/load_tokenizer_keras.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/testing/temp_folder.h"
#include "base/testing/test_paths.h"
#include "models/tokenizers/load_tokenizer.h"
#include "tokenizer/test_vocabulary.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::json;

Json IdsOf(const std::vector<std::string>& tokens) {
  Json ids = Json::object();
  for (size_t i = 0; i < tokens.size(); ++i) ids[tokens[i]] = i;
  return ids;
}

// A preset's tokenizer with a small vocabulary; each test spoils one part of it.
class KerasTokenizerTest : public testing::Test {
 protected:
  KerasTokenizerTest() {
    std::filesystem::create_directories(folder_.File("assets/tokenizer"));
    vocabulary_ = IdsOf(TestVocabulary::OfBytes({"t h", "th e", "Ċ Ċ"}, {"<|endoftext|>"}).tokens);
  }

  Result<Tokenizer> Load() {
    Put("tokenizer.json", Json({{"class_name", class_name_}, {"config", config_}}).dump());
    Put("assets/tokenizer/vocabulary.json",
        vocabulary_text_.empty() ? vocabulary_.dump() : vocabulary_text_);
    Put("assets/tokenizer/merges.txt", merges_);
    return LoadKerasTokenizer(folder_.File(""));
  }

  void ExpectRefused(ErrorCode code, const std::string& message) {
    const auto tokenizer = Load();
    ASSERT_FALSE(tokenizer.ok()) << "was accepted, expected: " << message;
    EXPECT_EQ(tokenizer.error().code(), code) << tokenizer.error().message();
    EXPECT_THAT(tokenizer.error().message(),
                testing::AllOf(testing::StartsWith(folder_.File("")), HasSubstr(message)));
  }

  void Put(const std::string& name, const std::string& text) {
    std::ofstream(folder_.File(name), std::ios::binary) << text;
  }

  const TempFolder folder_;
  std::string class_name_ = "GPT2Tokenizer";
  Json config_ = {{"add_prefix_space", false}, {"sequence_length", nullptr}};
  Json vocabulary_;
  std::string vocabulary_text_;
  std::string merges_ = "#version: 0.2\r\nt h\nth e \r\nĊ Ċ";
};

TEST_F(KerasTokenizerTest, ReadsGpt2) {
  const auto tokenizer = Load();
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->vocabulary_size(), 260);
  EXPECT_EQ(tokenizer->bos_id(), 259);
  EXPECT_TRUE(tokenizer->adds_bos());
  EXPECT_THAT(tokenizer->end_ids(), ElementsAre(259));
  EXPECT_THAT(tokenizer->Encode("the<|endoftext|>", {.parse_special = true}).value(),
              ElementsAre(257, 259));
}

TEST_F(KerasTokenizerTest, DoesNotSplitAsKerasHubDoesNot) {
  const auto tokenizer = Load();
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_THAT(tokenizer->Encode("x\n\nx").value(), ElementsAre('x', 258, 'x'));
}

TEST_F(KerasTokenizerTest, IsFoundByTheLoaderOfAnyModel) {
  ASSERT_TRUE(Load().ok());
  const auto tokenizer = LoadTokenizer(folder_.File(""));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->vocabulary_size(), 260);
}

TEST_F(KerasTokenizerTest, ReadsLlama3WithBothOfItsEnds) {
  class_name_ = "Llama3Tokenizer";
  int id = 260;
  for (const char* token : {"<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>",
                            "<|start_header_id|>", "<|end_header_id|>"}) {
    vocabulary_[token] = id++;
  }
  auto tokenizer = Load();
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->bos_id(), 260);
  EXPECT_THAT(tokenizer->end_ids(), ElementsAre(261, 262));
  EXPECT_EQ(tokenizer->FindSpecial("<|end_header_id|>"), 264);

  config_["bos_token"] = "<|endoftext|>";
  config_["eos_token"] = "<|eot_id|>";
  tokenizer = Load();
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->bos_id(), 259);
  EXPECT_THAT(tokenizer->end_ids(), ElementsAre(262));
}

TEST_F(KerasTokenizerTest, ReadsAPlainTokenizerWithUnsplittableTokens) {
  class_name_ = "BytePairTokenizer";
  config_["unsplittable_tokens"] = {"the"};
  merges_ = "t h\n";
  const auto tokenizer = Load();
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_FALSE(tokenizer->adds_bos());
  EXPECT_THAT(tokenizer->end_ids(), ElementsAre());
  EXPECT_TRUE(tokenizer->IsControl(257));
  EXPECT_EQ(tokenizer->FindSpecial("<|endoftext|>"), std::nullopt);
}

TEST_F(KerasTokenizerTest, RefusesOtherClassesAndOptions) {
  class_name_ = "BertTokenizer";
  ExpectRefused(ErrorCode::kUnsupported, "class_name is \"BertTokenizer\"");
  class_name_ = "GPT2Tokenizer";
  config_["add_prefix_space"] = true;
  ExpectRefused(ErrorCode::kUnsupported, "add_prefix_space");
  config_["add_prefix_space"] = false;
  config_["sequence_length"] = 8;
  ExpectRefused(ErrorCode::kUnsupported, "sequence_length");
  config_["sequence_length"] = nullptr;
  config_["unsplittable_tokens"] = "x";
  ExpectRefused(ErrorCode::kCorruptFile, "unsplittable_tokens");
  config_ = "x";
  ExpectRefused(ErrorCode::kCorruptFile, "config: is ");
}

TEST_F(KerasTokenizerTest, RefusesAVocabularyWithoutItsSpecialTokens) {
  class_name_ = "Llama3Tokenizer";
  ExpectRefused(ErrorCode::kCorruptFile, "\"<|begin_of_text|>\" is not in the vocabulary");
  class_name_ = "GPT2Tokenizer";
  config_["unsplittable_tokens"] = {"<|pad|>"};
  ExpectRefused(ErrorCode::kCorruptFile, "\"<|pad|>\" is not in the vocabulary");
}

TEST_F(KerasTokenizerTest, RefusesAVocabularyThatContradictsItself) {
  vocabulary_text_ = "[0,1]";
  ExpectRefused(ErrorCode::kCorruptFile, "is not in the vocabulary");
  vocabulary_text_ = "3";
  ExpectRefused(ErrorCode::kCorruptFile, "is number, expected an object");
  vocabulary_text_ = R"({"a":0,"b":)";
  ExpectRefused(ErrorCode::kCorruptFile, "is not JSON");
  vocabulary_text_ = R"({"a":0,"b":"1"})";
  ExpectRefused(ErrorCode::kCorruptFile, "token \"b\" is string, expected an id");
  vocabulary_text_ = R"({"a":0,"b":-1})";
  ExpectRefused(ErrorCode::kCorruptFile, "token \"b\" is number, expected an id");
  vocabulary_text_ = R"({"a":0,"b":2147483648})";
  ExpectRefused(ErrorCode::kCorruptFile, "\"b\" has id 2147483648");
  vocabulary_text_ = R"({"a":0,"b":0})";
  ExpectRefused(ErrorCode::kCorruptFile, "tokens \"a\" and \"b\" both have id 0");
  vocabulary_text_ = R"({"a":0,"b":2})";
  ExpectRefused(ErrorCode::kCorruptFile, "no token has id 1, but \"b\" has 2");
  vocabulary_text_ = R"({"a":0,"a":1,"<|endoftext|>":2})";
  merges_.clear();
  ExpectRefused(ErrorCode::kCorruptFile, "tokens 0 and 1 are both \"a\"");
}

TEST_F(KerasTokenizerTest, RefusesMergesThatAreNone) {
  merges_ = "t h\n\nth e\n";
  ExpectRefused(ErrorCode::kCorruptFile, "merge 1 is \"\"");
  merges_ = "t h e\n";
  ExpectRefused(ErrorCode::kCorruptFile, "expected two tokens separated by one space");
  merges_ = "t q\n";
  ExpectRefused(ErrorCode::kCorruptFile, "no token \"tq\"");
  merges_ = "t h\nt h\n";
  ExpectRefused(ErrorCode::kCorruptFile, "the same as an earlier merge");
}

TEST_F(KerasTokenizerTest, NamesAFileThatIsMissing) {
  ASSERT_TRUE(Load().ok());
  std::filesystem::remove(folder_.File("assets/tokenizer/merges.txt"));
  const auto tokenizer = LoadKerasTokenizer(folder_.File(""));
  ASSERT_FALSE(tokenizer.ok());
  EXPECT_EQ(tokenizer.error().code(), ErrorCode::kIo);
  EXPECT_THAT(tokenizer.error().message(), HasSubstr("merges.txt: No such file"));
}

// Ids that KerasHub gave (tests/oracle/tokenizer_oracle.py --keras).
class KerasGoldenTest : public KerasTokenizerTest {
 protected:
  void ExpectIdsOf(const Json& cases) {
    const auto tokenizer = Load();
    ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
    ASSERT_GT(cases.size(), 90u);
    for (const Json& c : cases) {
      const auto text = c.at("text").get<std::string>();
      const auto ids = tokenizer->Encode(text, {.parse_special = true}).value();
      EXPECT_EQ(ids, c.at("ids").get<std::vector<int32_t>>()) << testing::PrintToString(text);
      EXPECT_EQ(tokenizer->Decode(ids).value(), text);
    }
  }

  const Json golden_ = Json::parse(std::ifstream(SourceFile("tests/golden/tokenizer_keras.json")));
};

TEST_F(KerasGoldenTest, IdsAreThoseOfKerasHub) {
  class_name_ = "Llama3Tokenizer";
  vocabulary_ = IdsOf(golden_.at("tokens"));
  config_["unsplittable_tokens"] = golden_.at("unsplittable_tokens");
  merges_.clear();
  for (const Json& merge : golden_.at("merges")) merges_ += merge.get<std::string>() + "\n";
  ExpectIdsOf(golden_.at("llama3_cases"));
}

TEST_F(KerasGoldenTest, IdsOfGpt2sVocabularyAreThoseOfKerasHub) {
  const char* const vocabulary = std::getenv("TARE_TEST_GPT2_VOCAB");
  if (vocabulary == nullptr) GTEST_SKIP() << "TARE_TEST_GPT2_VOCAB is not set";
  const auto read = [&](const std::string& name) {
    std::ifstream file(vocabulary + ("/" + name));
    return std::string(std::istreambuf_iterator<char>(file), {});
  };
  vocabulary_text_ = read("encoder.json");
  merges_ = read("vocab.bpe");
  ExpectIdsOf(golden_.at("gpt2_cases"));
}

}  // namespace
}  // namespace tare
