#include "models/tokenizers/load_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/testing/temp_folder.h"
#include "base/testing/test_paths.h"
#include "format/gguf/gguf_writer.h"
#include "models/tokenizers/chat_templates.h"
#include "tokenizer/chat_template.h"
#include "tokenizer/test_vocabulary.h"

namespace tare {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

// A GGUF file with a small vocabulary; each test spoils one key of it.
class LoadTokenizerTest : public testing::Test {
 protected:
  // `skip` is left out; `extra` adds keys.
  template <typename Extra>
  GgufFile Write(std::string_view skip, Extra extra) {
    GgufWriter writer = GgufWriter::Create(path_).value();
    const auto string = [&](std::string_view key, std::string_view value) {
      if (key != skip) {
        EXPECT_TRUE(writer.AddString(key, value).ok());
      }
    };
    const auto strings = [&](std::string_view key, const std::vector<std::string>& values) {
      const std::vector<std::string_view> views(values.begin(), values.end());
      if (key != skip) {
        EXPECT_TRUE(writer.AddStrings(key, views).ok());
      }
    };
    const auto vocabulary =
        TestVocabulary::OfBytes({"t h", "th e"}, {"<|im_start|>", "<|im_end|>"});
    string("tokenizer.ggml.model", "gpt2");
    string("tokenizer.ggml.pre", "smollm");
    strings("tokenizer.ggml.tokens", vocabulary.tokens);
    strings("tokenizer.ggml.merges", vocabulary.merges);
    if (skip != "tokenizer.ggml.token_type") {
      EXPECT_TRUE(
          writer.AddArray("tokenizer.ggml.token_type", std::span<const int32_t>(vocabulary.types))
              .ok());
    }
    extra(writer);
    EXPECT_TRUE(writer.Finish().ok());
    return GgufFile::Open(path_).value();
  }
  GgufFile Write(std::string_view skip = {}) {
    return Write(skip, [](GgufWriter&) {});
  }

  void ExpectRefused(const GgufFile& file, ErrorCode code, const std::string& message) {
    const auto tokenizer = LoadTokenizer(file);
    ASSERT_FALSE(tokenizer.ok());
    EXPECT_EQ(tokenizer.error().code(), code);
    EXPECT_THAT(tokenizer.error().message(), testing::StartsWith(path_ + ": "));
    EXPECT_THAT(tokenizer.error().message(), HasSubstr(message));
  }

  const TempFolder folder_;
  const std::string path_ = folder_.File("model.gguf");
};

TEST_F(LoadTokenizerTest, ReadsTheVocabularyAndWhatGoesWithIt) {
  const GgufFile file = Write({}, [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddScalar<uint32_t>("tokenizer.ggml.bos_token_id", 258).ok());
    ASSERT_TRUE(writer.AddScalar<uint32_t>("tokenizer.ggml.eos_token_id", 259).ok());
    ASSERT_TRUE(writer.AddScalar<bool>("tokenizer.ggml.add_bos_token", true).ok());
  });
  const auto tokenizer = LoadTokenizer(file);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->vocabulary_size(), 260);
  EXPECT_EQ(tokenizer->bos_id(), 258);
  EXPECT_EQ(tokenizer->eos_id(), 259);
  EXPECT_TRUE(tokenizer->adds_bos());
  EXPECT_EQ(tokenizer->FindSpecial("<|im_end|>"), 259);
  EXPECT_THAT(tokenizer->Encode("the  12").value(), testing::ElementsAre(257, ' ', ' ', '1', '2'));
}

TEST_F(LoadTokenizerTest, TakesEveryTokenForNormalWhereThereAreNoTypes) {
  const GgufFile file = Write("tokenizer.ggml.token_type");
  const auto tokenizer = LoadTokenizer(file);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->FindSpecial("<|im_end|>"), std::nullopt);
  EXPECT_FALSE(tokenizer->adds_bos());
}

TEST_F(LoadTokenizerTest, ReadsLlama3AsLlamaCppDoes) {
  const GgufFile file = Write("tokenizer.ggml.pre", [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddString("tokenizer.ggml.pre", "llama-bpe").ok());
    ASSERT_TRUE(writer.AddScalar<uint32_t>("tokenizer.ggml.bos_token_id", 258).ok());
  });
  const auto tokenizer = LoadTokenizer(file);
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_TRUE(tokenizer->adds_bos());
  EXPECT_THAT(tokenizer->Encode("(the").value(), testing::ElementsAre('(', 257));
}

TEST_F(LoadTokenizerTest, RefusesAnotherKindOfTokenizerByName) {
  const GgufFile file = Write("tokenizer.ggml.model", [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddString("tokenizer.ggml.model", "bert").ok());
  });
  ExpectRefused(file, ErrorCode::kUnsupported, "tokenizer.ggml.model is \"bert\"");
}

TEST_F(LoadTokenizerTest, RefusesAPreTokenizerThatItCannotReplace) {
  const GgufFile file = Write("tokenizer.ggml.pre", [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddString("tokenizer.ggml.pre", "chameleon").ok());
  });
  ExpectRefused(file, ErrorCode::kUnsupported, "\"chameleon\"");
}

TEST_F(LoadTokenizerTest, FallsBackToTheDefaultAndSaysSo) {
  const auto absent = LoadTokenizer(Write("tokenizer.ggml.pre"));
  ASSERT_TRUE(absent.ok()) << absent.error().message();
  EXPECT_EQ(absent->pre_tokenizer(), PreTokenizer::kDefault);
  EXPECT_THAT(absent->notes(), testing::ElementsAre(HasSubstr("has no tokenizer.ggml.pre")));
  const auto unknown = LoadTokenizer(Write("tokenizer.ggml.pre", [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddString("tokenizer.ggml.pre", "brand-new").ok());
  }));
  ASSERT_TRUE(unknown.ok()) << unknown.error().message();
  EXPECT_EQ(unknown->pre_tokenizer(), PreTokenizer::kDefault);
  EXPECT_THAT(unknown->notes(), testing::ElementsAre(HasSubstr("\"brand-new\"")));
  EXPECT_THAT(LoadTokenizer(Write()).value().notes(), testing::IsEmpty());
}

TEST_F(LoadTokenizerTest, StopsAtTheEndsThatTheFileDeclaresAndAtThoseKnownByName) {
  const auto tokenizer = LoadTokenizer(Write({}, [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddScalar<uint32_t>("tokenizer.ggml.eos_token_id", 256).ok());
    ASSERT_TRUE(writer.AddScalar<uint32_t>("tokenizer.ggml.eom_token_id", 257).ok());
  }));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_THAT(tokenizer->end_ids(), testing::ElementsAre(256, 257));
  EXPECT_THAT(tokenizer->stop_ids(), testing::ElementsAre(256, 257, 259));
}

TEST_F(LoadTokenizerTest, NamesAKeyThatIsMissing) {
  for (const char* key :
       {"tokenizer.ggml.model", "tokenizer.ggml.tokens", "tokenizer.ggml.merges"}) {
    ExpectRefused(Write(key), ErrorCode::kCorruptFile, key);
  }
}

// A SentencePiece vocabulary; `skip` is left out and `extra` adds keys.
template <typename Extra>
GgufFile WriteSentencePiece(const std::string& path, std::string_view model, Extra extra) {
  GgufWriter writer = GgufWriter::Create(path).value();
  const std::vector<std::string_view> tokens = {"<unk>", "<s>", "</s>", "\u2581",
                                                "a",     "b",   "ab",   "\u2581ab"};
  const std::vector<int32_t> types = {2, 3, 3, 1, 1, 1, 1, 1};
  const std::vector<float> scores = {0, 0, 0, -9, -8, -7, -1, -2};
  EXPECT_TRUE(writer.AddString("tokenizer.ggml.model", model).ok());
  EXPECT_TRUE(writer.AddStrings("tokenizer.ggml.tokens", tokens).ok());
  EXPECT_TRUE(writer.AddArray("tokenizer.ggml.token_type", std::span<const int32_t>(types)).ok());
  EXPECT_TRUE(writer.AddArray("tokenizer.ggml.scores", std::span<const float>(scores)).ok());
  extra(writer);
  EXPECT_TRUE(writer.Finish().ok());
  return GgufFile::Open(path).value();
}

// What llama.cpp does with a file of this name, where GGUF has no key for it.
TEST_F(LoadTokenizerTest, TokensOfPhi3TakeTheSpacesBehindThem) {
  const auto encode = [&](const char* name) {
    const auto tokenizer = LoadTokenizer(WriteSentencePiece(path_, "llama", [&](GgufWriter& w) {
      ASSERT_TRUE(w.AddString("general.name", name).ok());
      ASSERT_TRUE(w.AddScalar<bool>("tokenizer.ggml.add_space_prefix", false).ok());
    }));
    return tokenizer->Encode("a</s> \nab<s> ab", {.parse_special = true}).value();
  };
  EXPECT_THAT(encode("Phi-3 Mini"), testing::ElementsAre(4, 2, 6, 1, 7));
  EXPECT_THAT(encode("Phi"), testing::ElementsAre(4, 2, 3, 0, 6, 1, 7));
}

TEST_F(LoadTokenizerTest, UserDefinedTokensNamedLikeEndsAreControlTokens) {
  const auto vocabulary = TestVocabulary::OfBytes({}, {}, {"<|im_end|>", "<tab>"});
  GgufWriter writer = GgufWriter::Create(path_).value();
  const std::vector<std::string_view> tokens(vocabulary.tokens.begin(), vocabulary.tokens.end());
  ASSERT_TRUE(writer.AddString("tokenizer.ggml.model", "gpt2").ok());
  ASSERT_TRUE(writer.AddStrings("tokenizer.ggml.tokens", tokens).ok());
  ASSERT_TRUE(writer.AddStrings("tokenizer.ggml.merges", std::vector<std::string_view>()).ok());
  ASSERT_TRUE(
      writer.AddArray("tokenizer.ggml.token_type", std::span<const int32_t>(vocabulary.types))
          .ok());
  ASSERT_TRUE(writer.AddScalar<bool>("tokenizer.ggml.add_eos_token", true).ok());
  ASSERT_TRUE(writer.AddScalar<uint32_t>("tokenizer.ggml.eos_token_id", 0).ok());
  ASSERT_TRUE(writer.Finish().ok());
  const auto tokenizer = LoadTokenizer(GgufFile::Open(path_).value());
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_TRUE(tokenizer->IsControl(256));
  EXPECT_TRUE(tokenizer->IsUserDefined(257));
  EXPECT_TRUE(tokenizer->adds_eos());
  EXPECT_EQ(tokenizer->Encode("<|im_end|>").value().size(), 10u);
}

TEST_F(LoadTokenizerTest, ReadsSentencePieceWithTheDefaultsOfLlamaCpp) {
  const auto tokenizer = LoadTokenizer(WriteSentencePiece(path_, "llama", [](GgufWriter&) {}));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->kind(), TokenizerKind::kScoredBpe);
  EXPECT_EQ(tokenizer->bos_id(), 1);
  EXPECT_EQ(tokenizer->eos_id(), 2);
  EXPECT_TRUE(tokenizer->adds_bos());
  EXPECT_THAT(tokenizer->Encode("ab ba").value(), testing::ElementsAre(7, 3, 5, 4));
  EXPECT_THAT(tokenizer->Encode("xyab").value(), testing::ElementsAre(3, 0, 6));
  EXPECT_THAT(tokenizer->Encode("a</s>ab", {.parse_special = true}).value(),
              testing::ElementsAre(3, 4, 2, 7));
  EXPECT_THAT(tokenizer->Encode("").value(), testing::IsEmpty());
  EXPECT_EQ(tokenizer->Decode(std::vector<int32_t>{7, 3, 5, 4}).value(), "ab ba");
}

TEST_F(LoadTokenizerTest, ReadsSentencePieceWithoutItsPrefix) {
  const auto tokenizer = LoadTokenizer(WriteSentencePiece(path_, "llama", [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddScalar<bool>("tokenizer.ggml.add_space_prefix", false).ok());
    ASSERT_TRUE(writer.AddScalar<bool>("tokenizer.ggml.add_bos_token", false).ok());
  }));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_FALSE(tokenizer->adds_bos());
  EXPECT_THAT(tokenizer->Encode("ab ab").value(), testing::ElementsAre(6, 7));
  EXPECT_EQ(tokenizer->Decode(std::vector<int32_t>{7}).value(), " ab");
}

TEST_F(LoadTokenizerTest, ReadsUnigram) {
  const auto tokenizer = LoadTokenizer(WriteSentencePiece(path_, "t5", [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddScalar<uint32_t>("tokenizer.ggml.unknown_token_id", 0).ok());
  }));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->kind(), TokenizerKind::kUnigram);
  EXPECT_THAT(tokenizer->Encode("abxxab").value(), testing::ElementsAre(7, 0, 6));
}

TEST_F(LoadTokenizerTest, RefusesATokenizerThatNormalisesByName) {
  const GgufFile file = WriteSentencePiece(path_, "t5", [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddString("tokenizer.ggml.precompiled_charsmap", "x").ok());
  });
  ExpectRefused(file, ErrorCode::kUnsupported, "precompiled_charsmap");
}

TEST_F(LoadTokenizerTest, NamesAKeyOfAnotherType) {
  const GgufFile file = Write("tokenizer.ggml.token_type", [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddString("tokenizer.ggml.token_type", "normal").ok());
  });
  ExpectRefused(file, ErrorCode::kCorruptFile, "tokenizer.ggml.token_type");
}

TEST_F(LoadTokenizerTest, RefusesIdsOutsideTheVocabulary) {
  for (uint32_t id : {260u, 0x80000000u}) {
    const GgufFile file = Write({}, [id](GgufWriter& writer) {
      ASSERT_TRUE(writer.AddScalar<uint32_t>("tokenizer.ggml.bos_token_id", id).ok());
    });
    ExpectRefused(file, ErrorCode::kCorruptFile, std::to_string(id));
  }
}

TEST_F(LoadTokenizerTest, FindsChatTemplatesByName) {
  const ChatTemplates none = ReadChatTemplates(Write()).value();
  EXPECT_TRUE(none.all.empty());
  EXPECT_THAT(none.Choose(false, "m.gguf").error().message(),
              HasSubstr("m.gguf: the model has no chat template"));

  const GgufFile file = Write({}, [](GgufWriter& writer) {
    ASSERT_TRUE(writer.AddString("tokenizer.chat_template", "a").ok());
    ASSERT_TRUE(writer.AddString("tokenizer.chat_template.tool_use", "b").ok());
  });
  const ChatTemplates both = ReadChatTemplates(file).value();
  EXPECT_EQ(both.Choose(false, "")->source, "a");
  EXPECT_EQ(both.Choose(true, "")->source, "b");
  EXPECT_THAT(both.Choose(true, "")->place, HasSubstr(": tokenizer.chat_template.tool_use"));
}

// Ids of the Hugging Face `tokenizers` library for the real model's vocabulary
// (tests/oracle/tokenizer_oracle.py).
class SmolLm2TokenizerTest : public testing::Test {
 protected:
  void SetUp() override {
    const char* model = std::getenv("TARE_TEST_MODEL");
    if (model == nullptr) GTEST_SKIP() << "TARE_TEST_MODEL is not set";
    file_.emplace(GgufFile::Open(model).value());
    tokenizer_.emplace(LoadTokenizer(*file_).value());
    std::ifstream golden(SourceFile("tests/golden/tokenizer_smollm2.json"));
    golden_ = Json::parse(golden);
  }

  std::optional<GgufFile> file_;
  std::optional<Tokenizer> tokenizer_;
  Json golden_;
};

TEST_F(SmolLm2TokenizerTest, IdsAreThoseOfTheReference) {
  ASSERT_GT(golden_.at("cases").size(), 100u);
  for (const Json& c : golden_.at("cases")) {
    const auto text = c.at("text").get<std::string>();
    const EncodeOptions options{.parse_special = c.at("parse_special").get<bool>()};
    EXPECT_EQ(tokenizer_->Encode(text, options).value(), c.at("ids").get<std::vector<int32_t>>())
        << testing::PrintToString(text);
  }
}

TEST_F(SmolLm2TokenizerTest, ChatsAreLaidOutAsTheTemplateRendersThem) {
  const FoundTemplate found = ReadChatTemplates(*file_)->Choose(false, "").value();
  const ChatTemplate chat = ChatTemplate::Parse(found.source).value();
  ASSERT_GT(golden_.at("chats").size(), 5u);
  for (const Json& c : golden_.at("chats")) {
    std::vector<ChatMessage> messages;
    for (const Json& m : c.at("messages")) messages.push_back({m.at("role"), m.at("content")});
    if (messages.empty()) continue;  // refused here
    ChatRequest request = MakeChatRequest(messages);
    request.add_generation_prompt = c.at("add_generation_prompt").get<bool>();
    EXPECT_EQ(chat.Render(*tokenizer_, request, {})->text, c.at("text").get<std::string>());
    EXPECT_EQ(chat.Encode(*tokenizer_, request).value(), c.at("ids").get<std::vector<int32_t>>());
  }
}

TEST_F(SmolLm2TokenizerTest, IsSmall) { EXPECT_LT(tokenizer_->heap_bytes(), size_t{2} << 20); }

}  // namespace
}  // namespace tare
