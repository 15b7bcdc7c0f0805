// Ids that the Hugging Face `tokenizers` library gave (tests/oracle/tokenizer_oracle.py).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/testing/test_paths.h"
#include "tare/tokenizer.h"
#include "tokenizer/test_vocabulary.h"

namespace tare {
namespace {

using Json = nlohmann::json;

void ExpectIdsOf(const Json& golden, const std::string& pre) {
  TestVocabulary vocabulary;
  golden.at("tokens").get_to(vocabulary.tokens);
  golden.at("merges").get_to(vocabulary.merges);
  golden.at("token_types").get_to(vocabulary.types);
  TokenizerVocabulary view = vocabulary.View(FindPreTokenizer(pre)->split);
  view.ignores_merges = pre == "llama-bpe";
  const auto tokenizer = Tokenizer::Create(std::move(view));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  const Json& cases = golden.at("cases").at(pre);
  ASSERT_GT(cases.size(), 100u);
  for (const Json& c : cases) {
    const auto text = c.at("text").get<std::string>();
    const auto ids = tokenizer->Encode(text, {.parse_special = c.at("parse_special").get<bool>()});
    EXPECT_EQ(ids.value(), c.at("ids").get<std::vector<int32_t>>()) << testing::PrintToString(text);
    EXPECT_EQ(tokenizer->Decode(*ids).value(), text);
  }
}

TEST(TokenizerGolden, IdsAreThoseOfTheReference) {
  std::ifstream file(SourceFile("tests/golden/tokenizer_tiny.json"));
  const Json golden = Json::parse(file);
  ExpectIdsOf(golden, "gpt-2");
  ExpectIdsOf(golden, "smollm");
  ExpectIdsOf(golden, "llama-bpe");
}

}  // namespace
}  // namespace tare
