#include "models/tokenizers/sentence_piece_model.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/testing/test_paths.h"
#include "models/tokenizers/sentence_piece_writer.h"

namespace tare {
namespace {

using testing::HasSubstr;
using Json = nlohmann::json;

std::span<const std::byte> BytesOf(const std::string& text) {
  return std::as_bytes(std::span(text));
}

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

Json Golden() {
  std::ifstream file(SourceFile("tests/golden/sentence_piece.json"));
  return Json::parse(file);
}

void ExpectIdsOf(const Json& golden, const std::string& bytes) {
  const auto tokenizer = MakeSentencePieceTokenizer(BytesOf(bytes), "m");
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  const bool keeps_text = golden.at("byte_fallback").get<bool>();
  for (const Json& c : golden.at("cases")) {
    const auto text = c.at("text").get<std::string>();
    const auto ids = tokenizer->Encode(text).value();
    EXPECT_EQ(ids, c.at("ids").get<std::vector<int32_t>>()) << testing::PrintToString(text);
    if (!keeps_text) continue;
    EXPECT_EQ(tokenizer->Decode(ids).value(), text);
  }
}

TEST(SentencePieceModel, IdsAreThoseOfTheLibrary) {
  const Json golden = Golden();
  ASSERT_EQ(golden.at("models").size(), 5u);
  for (const Json& model : golden.at("models")) {
    SCOPED_TRACE(model.at("model_type").get<std::string>());
    ExpectIdsOf(model, FromHex(model.at("model").get<std::string>()));
  }
}

TEST(SentencePieceModel, IsReadAsTheLibraryWroteItAndWrittenAgain) {
  const Json all = Golden();
  for (const Json& golden : all.at("models")) {
    const std::string bytes = FromHex(golden.at("model").get<std::string>());
    const auto model = ParseSentencePieceModel(BytesOf(bytes)).value();
    EXPECT_EQ(model.model_type, golden.at("model_type") == "bpe" ? 2u : 1u);
    EXPECT_EQ(model.byte_fallback, golden.at("byte_fallback").get<bool>());
    EXPECT_EQ(model.adds_prefix, golden.at("add_dummy_prefix").get<bool>());
    EXPECT_EQ(model.collapses_spaces, golden.at("remove_extra_whitespaces").get<bool>());
    ASSERT_EQ(model.pieces.size(), golden.at("pieces").size());
    for (size_t i = 0; i < model.pieces.size(); ++i) {
      const Json& piece = golden.at("pieces")[i];
      EXPECT_EQ(model.pieces[i].text, piece[0].get<std::string>());
      EXPECT_EQ(model.pieces[i].score, piece[1].get<float>());
      EXPECT_EQ(model.pieces[i].type, piece[2].get<int32_t>());
    }
    ExpectIdsOf(golden, SentencePieceModelBytes(model));
  }
}

class BadModel : public testing::Test {
 protected:
  BadModel() {
    model_.pieces = {{"<unk>", 0, 2}, {"<s>", 0, 3}, {"</s>", 0, 3}, {"a", -1, 1}, {"b", -2, 1}};
    model_.model_type = 2;
    model_.unknown_id = 0;
  }
  void ExpectRefused(const std::string& bytes, ErrorCode code, const std::string& message) {
    const auto tokenizer = MakeSentencePieceTokenizer(BytesOf(bytes), "m.model");
    ASSERT_FALSE(tokenizer.ok());
    EXPECT_EQ(tokenizer.error().code(), code);
    EXPECT_THAT(tokenizer.error().message(), HasSubstr("m.model"));
    EXPECT_THAT(tokenizer.error().message(), HasSubstr(message));
  }
  SentencePieceModel model_;
};

TEST_F(BadModel, IsRefusedWhereItsBytesAreNoMessage) {
  ExpectRefused("", ErrorCode::kCorruptFile, "no pieces");
  ExpectRefused(std::string("\x0a\x7f"
                            "abc"),
                ErrorCode::kCorruptFile, "3 are left");
  ExpectRefused(std::string(12, '\xff'), ErrorCode::kCorruptFile, "ten bytes");
  ExpectRefused(std::string("\x0b\x01"), ErrorCode::kCorruptFile, "wire type 3");
  ExpectRefused(std::string("\x08\x01"), ErrorCode::kCorruptFile, "wire type 0");
  ExpectRefused(std::string("\x00\x01", 2), ErrorCode::kCorruptFile, "field number 0");
}

TEST_F(BadModel, ReadsEveryCutFileWithoutHarm) {
  const std::string bytes = SentencePieceModelBytes(model_);
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    const auto tokenizer = MakeSentencePieceTokenizer(BytesOf(cut), "m.model");
    EXPECT_TRUE(tokenizer.ok() || !tokenizer.error().message().empty()) << size;
  }
}

TEST_F(BadModel, IsRefusedByTheNameOfWhatIsNotSupported) {
  model_.model_type = 4;
  ExpectRefused(SentencePieceModelBytes(model_), ErrorCode::kUnsupported, "model_type is 4");
  model_.model_type = 2;
  model_.space_is_suffix = true;
  ExpectRefused(SentencePieceModelBytes(model_), ErrorCode::kUnsupported, "whitespace_as_suffix");
  model_.space_is_suffix = false;
  model_.escapes_spaces = false;
  ExpectRefused(SentencePieceModelBytes(model_), ErrorCode::kUnsupported, "escape_whitespaces");
  model_.escapes_spaces = true;
  const std::string charsmap("\x1a\x03\x12\x01x", 5);  // normalizer_spec.precompiled_charsmap
  ExpectRefused(SentencePieceModelBytes(model_) + charsmap, ErrorCode::kUnsupported,
                "precompiled_charsmap");
}

TEST_F(BadModel, IsRefusedForPiecesThatCannotBe) {
  model_.pieces[3].type = 9;
  ExpectRefused(SentencePieceModelBytes(model_), ErrorCode::kCorruptFile, "type 9");
  model_.pieces[3] = {"b", -1, 1};
  ExpectRefused(SentencePieceModelBytes(model_), ErrorCode::kCorruptFile, "every token once");
  model_.pieces[3] = {"<0x41>", 0, 6};
  ExpectRefused(SentencePieceModelBytes(model_), ErrorCode::kCorruptFile, "1 byte tokens");
  model_.pieces[3] = {"0x41", 0, 6};
  ExpectRefused(SentencePieceModelBytes(model_), ErrorCode::kCorruptFile, "byte token 3");
  model_.pieces[3] = {"a", std::numeric_limits<float>::quiet_NaN(), 1};
  ExpectRefused(SentencePieceModelBytes(model_), ErrorCode::kCorruptFile, "score");
  model_.pieces[3] = {std::string_view(), 0, 1};
  const std::string longest(1025, 'x');
  model_.pieces[3] = {longest, 0, 1};
  ExpectRefused(SentencePieceModelBytes(model_), ErrorCode::kUnsupported, "1025 bytes");
}

}  // namespace
}  // namespace tare
