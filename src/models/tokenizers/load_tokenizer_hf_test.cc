#include "models/tokenizers/load_tokenizer_hf.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "base/testing/temp_folder.h"
#include "base/testing/test_paths.h"
#include "models/tokenizers/chat_templates.h"
#include "models/tokenizers/load_tokenizer.h"
#include "models/tokenizers/sentence_piece_writer.h"
#include "tokenizer/test_vocabulary.h"

namespace tare {
namespace {
using testing::ElementsAre;
using testing::HasSubstr;
using Json = nlohmann::json;

constexpr char kLlama3Pattern[] =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|)"
    R"( ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

Json ByteLevel(bool use_regex) {
  return {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", use_regex}};
}

Json SplitBy(const std::string& regex) {
  return {{"type", "Split"},
          {"pattern", {{"Regex", regex}}},
          {"behavior", "Isolated"},
          {"invert", false}};
}

Json Sequence(const char* list, Json steps) {
  return {{"type", "Sequence"}, {list, std::move(steps)}};
}

Json Added(const std::string& text, int id, bool special, bool normalized) {
  return {{"content", text}, {"id", id}, {"special", special}, {"normalized", normalized}};
}

// A tokenizer.json with a small vocabulary: bytes, "th" 256, "the" 257, "xyz" 258, and outside of
// the model's vocabulary <s> 259 and the user's "=>" 260. Each test spoils one part of it.
class HfTokenizerTest : public testing::Test {
 protected:
  HfTokenizerTest() {
    const auto tokens = TestVocabulary::OfBytes({"t h", "th e"}).tokens;
    Json vocabulary = {{"xyz", 258}};
    for (size_t i = 0; i < tokens.size(); ++i) vocabulary[tokens[i]] = i;
    json_ = {{"version", "1.0"},
             {"truncation", nullptr},
             {"added_tokens", {Added("<s>", 259, true, false), Added("=>", 260, false, true)}},
             {"normalizer", nullptr},
             {"pre_tokenizer", ByteLevel(true)},
             {"post_processor", nullptr},
             {"decoder", {{"type", "ByteLevel"}}},
             {"model",
              {{"type", "BPE"},
               {"unk_token", nullptr},
               {"vocab", std::move(vocabulary)},
               {"merges", {"t h", "th e"}}}}};
  }

  Result<Tokenizer> Parse() const { return ParseHuggingFaceTokenizer(json_.dump(), "t.json"); }

  Tokenizer Load() const {
    auto tokenizer = Parse();
    EXPECT_TRUE(tokenizer.ok()) << tokenizer.error().message();
    return std::move(tokenizer).value();
  }

  static void ExpectRefused(const Result<Tokenizer>& tokenizer, ErrorCode code,
                            const std::string& message) {
    ASSERT_FALSE(tokenizer.ok()) << "was accepted, expected: " << message;
    EXPECT_EQ(tokenizer.error().code(), code) << tokenizer.error().message();
    EXPECT_THAT(tokenizer.error().message(), HasSubstr("t.json"));
    EXPECT_THAT(tokenizer.error().message(), HasSubstr(message));
  }

  // With another value at a JSON pointer, which is then put back.
  void ExpectRefusedWith(const char* pointer, Json value, ErrorCode code,
                         const std::string& message) {
    Json& place = json_[Json::json_pointer(pointer)];
    std::swap(place, value);
    ExpectRefused(Parse(), code, message);
    std::swap(json_[Json::json_pointer(pointer)], value);
  }
  void ExpectUnsupportedWith(const char* pointer, Json value, const std::string& message) {
    ExpectRefusedWith(pointer, std::move(value), ErrorCode::kUnsupported, message);
  }
  void ExpectCorruptWith(const char* pointer, Json value, const std::string& message) {
    ExpectRefusedWith(pointer, std::move(value), ErrorCode::kCorruptFile, message);
  }

  Json json_;
};

TEST_F(HfTokenizerTest, ReadsVocabularyMergesAndAddedTokens) {
  for (const Json& merges :
       {Json::parse(R"(["t h","th e"])"), Json::parse(R"([["t","h"],["th","e"]])")}) {
    json_["model"]["merges"] = merges;
    const Tokenizer tokenizer = Load();
    EXPECT_EQ(tokenizer.vocabulary_size(), 261);
    EXPECT_TRUE(tokenizer.IsControl(259));
    EXPECT_EQ(tokenizer.FindSpecial("=>"), 260);
    EXPECT_THAT(tokenizer.Encode("the=><s>", {.parse_special = true}).value(),
                ElementsAre(257, 260, 259));
    EXPECT_FALSE(tokenizer.adds_bos());
  }
}

TEST_F(HfTokenizerTest, RecognisesPreTokenizersByWhatTheyDo) {
  const auto encode = [&](const char* text) { return Load().Encode(text).value().size(); };
  EXPECT_EQ(encode("(the"), 2u);
  json_["pre_tokenizer"] = Sequence("pretokenizers", {SplitBy(kLlama3Pattern), ByteLevel(false)});
  json_["model"]["ignore_merges"] = true;
  EXPECT_EQ(encode("(the"), 2u);
  EXPECT_EQ(encode("xyz"), 1u);
  EXPECT_EQ(encode(" xyz"), 4u);
  json_["model"]["ignore_merges"] = false;
  EXPECT_EQ(encode("xyz"), 3u);

  // Where 1 and th are apart, the merge of them cannot be made.
  json_["added_tokens"] = Json::array();
  json_["model"]["vocab"]["1th"] = 259;
  json_["model"]["vocab"]["12"] = 260;
  json_["model"]["merges"] = {"t h", "1 th", "1 2"};
  EXPECT_EQ(encode("1th 12"), 4u);  // 1 | th | Ġ | 12
  json_["pre_tokenizer"] = Sequence(
      "pretokenizers", {Json{{"type", "Digits"}, {"individual_digits", true}}, ByteLevel(true)});
  EXPECT_EQ(encode("1th 12"), 5u);
  json_["pre_tokenizer"] = ByteLevel(false);
  EXPECT_EQ(encode("1th 12"), 3u);
  json_["pre_tokenizer"] = Sequence(
      "pretokenizers",
      {SplitBy(R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)"),
       ByteLevel(false)});
  EXPECT_EQ(encode("1th 12"), 4u);
}

TEST_F(HfTokenizerTest, RefusesOtherPreTokenizersAndPrintsThem) {
  const char* const place = "/pre_tokenizer";
  ExpectUnsupportedWith(place, nullptr, "has no pre_tokenizer");
  ExpectUnsupportedWith(place, Sequence("pretokenizers", {SplitBy("\\p{N}|x"), ByteLevel(false)}),
                        "\\\\p{N}|x");
  ExpectUnsupportedWith(place,
                        Sequence("pretokenizers", {SplitBy(kLlama3Pattern), ByteLevel(true)}),
                        "patterns are not known");
  Json removed = SplitBy(kLlama3Pattern);
  removed["behavior"] = "Removed";
  ExpectUnsupportedWith(place, Sequence("pretokenizers", {removed, ByteLevel(false)}), "Removed");
  ExpectUnsupportedWith(
      place,
      Sequence("pretokenizers",
               {{{"type", "Digits"}, {"individual_digits", false}}, ByteLevel(true)}),
      "pre_tokenizer is not known");
  ExpectUnsupportedWith(place, {{"type", "ByteLevel"}, {"add_prefix_space", true}},
                        "add_prefix_space");
  ExpectRefusedWith(place, Json::object(), ErrorCode::kCorruptFile, "has no type");
}

TEST_F(HfTokenizerTest, AddsTheTokenOfItsTemplate) {
  const Json begin = {{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}};
  const Json text = {{"Sequence", {{"id", "A"}, {"type_id", 0}}}};
  const auto make = [](Json single) {
    return Json{
        {"type", "TemplateProcessing"},
        {"single", std::move(single)},
        {"special_tokens", {{"<s>", {{"id", "<s>"}, {"ids", {259}}, {"tokens", {"<s>"}}}}}}};
  };
  for (const Json& processor :
       {make({begin, text}), Sequence("processors", {ByteLevel(true), make({begin, text})})}) {
    json_["post_processor"] = processor;
    const Tokenizer tokenizer = Load();
    EXPECT_TRUE(tokenizer.adds_bos());
    EXPECT_EQ(tokenizer.bos_id(), 259);
  }
  json_["post_processor"] = make(Json::array({text}));
  EXPECT_FALSE(Load().adds_bos());
  json_["post_processor"] = make({text, begin});
  EXPECT_TRUE(Load().adds_eos());
  EXPECT_EQ(Load().eos_id(), 259);

  json_["post_processor"] = nullptr;
  const char* const place = "/post_processor";
  ExpectUnsupportedWith(place, make({text, begin, begin}), "before the text");
  ExpectUnsupportedWith(place, make({text, text}), "before the text");
  ExpectUnsupportedWith(place, make({begin, begin, text}), "before the text");
  ExpectUnsupportedWith(place, make(Json::array()), "before the text");
  ExpectUnsupportedWith(place, {{"type", "RobertaProcessing"}}, "RobertaProcessing");
  ExpectUnsupportedWith(place, Sequence("processors", {make({begin, text}), make({begin, text})}),
                        "not known");
  Json two = make({begin, text});
  two["special_tokens"]["<s>"]["ids"] = {259, 260};
  ExpectUnsupportedWith(place, two, "has 2 ids");
  Json outside = make({begin, text});
  outside["special_tokens"]["<s>"]["ids"] = {261};
  ExpectCorruptWith(place, outside, "the bos id is 261");
}

TEST_F(HfTokenizerTest, RefusesWhatWouldChangeIds) {
  ExpectUnsupportedWith("/normalizer", {{"type", "NFKC"}}, "NFKC");
  ExpectUnsupportedWith("/decoder", {{"type", "Metaspace"}}, "decoder is not known");
  ExpectUnsupportedWith("/model/type", "WordPiece", "type is \"WordPiece\"");
  ExpectUnsupportedWith("/model/dropout", 0.1, "dropout");
  ExpectUnsupportedWith("/model/continuing_subword_prefix", "##", "continuing_subword_prefix");
  ExpectUnsupportedWith("/model/end_of_word_suffix", "</w>", "end_of_word_suffix");
  ExpectUnsupportedWith("/model/byte_fallback", true, "byte_fallback");
}

TEST_F(HfTokenizerTest, PutsTextIntoNfcIfAsked) {
  const std::string decomposed = "e\u0301";
  EXPECT_EQ(Load().Encode(decomposed).value().size(), 3u);
  json_["normalizer"] = {{"type", "NFC"}};
  const Tokenizer tokenizer = Load();
  EXPECT_EQ(tokenizer.Decode(tokenizer.Encode(decomposed).value()).value(), "\u00e9");
}

TEST_F(HfTokenizerTest, AddedTokensTakeTheSpacesBesideThem) {
  const auto encode = [&](const char* text) {
    return Load().Encode(text, {.parse_special = true}).value();
  };
  EXPECT_THAT(encode("a  <s> b"), ElementsAre('a', ' ', ' ', 259, ' ', 'b'));
  json_["added_tokens"][0]["lstrip"] = true;
  EXPECT_THAT(encode("a \u00a0<s> b"), ElementsAre('a', 259, ' ', 'b'));
  EXPECT_THAT(encode(" <s> <s>"), ElementsAre(259, 259));
  json_["added_tokens"][0]["rstrip"] = true;
  EXPECT_THAT(encode("a <s> \n b<s>"), ElementsAre('a', 259, 'b', 259));
  json_["added_tokens"][0]["lstrip"] = json_["added_tokens"][0]["rstrip"] = false;
  json_["added_tokens"][0]["single_word"] = true;
  EXPECT_THAT(encode("<s>"), ElementsAre(259));
  EXPECT_THAT(encode("(<s>)"), ElementsAre('(', 259, ')'));
  EXPECT_THAT(encode("x<s>"), ElementsAre('x', '<', 's', '>'));
  EXPECT_THAT(encode("<s>_"), ElementsAre('<', 's', '>', '_'));
}

// A small vocabulary of SentencePiece's kind, as Gemma's and Llama 2's tokenizer.json have it.
class HfSentencePieceTest : public HfTokenizerTest {
 protected:
  HfSentencePieceTest() {
    const Json replace = {
        {"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "\u2581"}};
    json_ = {{"added_tokens", {Added("<unk>", 0, true, false), Added("<s>", 1, true, false)}},
             {"normalizer", replace},
             {"pre_tokenizer", nullptr},
             {"post_processor", nullptr},
             {"decoder", nullptr},
             {"model",
              {{"type", "BPE"},
               {"unk_token", "<unk>"},
               {"fuse_unk", true},
               {"byte_fallback", false},
               {"vocab",
                {{"<unk>", 0},
                 {"<s>", 1},
                 {"\u2581", 2},
                 {"a", 3},
                 {"b", 4},
                 {"ab", 5},
                 {"\u2581ab", 6}}},
               {"merges", {"a b", "\u2581 ab"}}}}};
  }
};

TEST_F(HfSentencePieceTest, ReadsBpeOverCharacters) {
  const Tokenizer tokenizer = Load();
  EXPECT_EQ(tokenizer.kind(), TokenizerKind::kRankedBpe);
  EXPECT_THAT(tokenizer.Encode("ab abb").value(), ElementsAre(5, 6, 4));
  EXPECT_THAT(tokenizer.Encode("xyab").value(), ElementsAre(0, 5));
}

TEST_F(HfSentencePieceTest, PutsASpaceWhereTheStepsSay) {
  const auto encode = [&](const char* text) {
    return Load().Encode(text, {.parse_special = true}).value();
  };
  const Json replace = json_["normalizer"];
  const Json prepend = {{"type", "Prepend"}, {"prepend", "\u2581"}};
  json_["normalizer"] = Sequence("normalizers", {prepend, replace});
  EXPECT_THAT(encode("ab<s>ab"), ElementsAre(6, 1, 6));
  EXPECT_THAT(encode(" ab"), ElementsAre(2, 6));
  json_["normalizer"] = nullptr;
  json_["pre_tokenizer"] = {{"type", "Metaspace"},
                            {"replacement", "\u2581"},
                            {"prepend_scheme", "first"},
                            {"split", false}};
  EXPECT_THAT(encode("ab<s>ab"), ElementsAre(6, 1, 5));
  EXPECT_THAT(encode(" ab"), ElementsAre(6));
  // Two steps of which the first has a mark that no text has.
  Json first = json_["pre_tokenizer"];
  Json second = first;
  first["replacement"] = " ";
  second["prepend_scheme"] = "never";
  json_["pre_tokenizer"] = Sequence("pretokenizers", {first, second});
  json_["normalizer"] = replace;
  EXPECT_THAT(encode("ab<s>ab"), ElementsAre(6, 1, 5));
  EXPECT_THAT(encode(" ab"), ElementsAre(2, 6));
  EXPECT_THAT(encode("<s>ab"), ElementsAre(1, 5));
  json_["normalizer"] = nullptr;
  ExpectUnsupportedWith("/normalizer", nullptr, "pre_tokenizer is not known");
  second["prepend_scheme"] = "first";
  json_["pre_tokenizer"] = second;
  json_["pre_tokenizer"]["prepend_scheme"] = "always";
  EXPECT_THAT(encode("ab<s>ab"), ElementsAre(6, 1, 6));
  json_["pre_tokenizer"]["prepend_scheme"] = "never";
  EXPECT_THAT(encode("ab<s>ab"), ElementsAre(5, 1, 5));
  ExpectUnsupportedWith("/pre_tokenizer/prepend_scheme", "last", "prepend_scheme");
  ExpectUnsupportedWith("/pre_tokenizer/replacement", "_", "replacement");
}

TEST_F(HfSentencePieceTest, ReadsUnigram) {
  json_["model"] = Json::parse(R"({"type": "Unigram", "unk_id": 0, "vocab": [
      ["<unk>", 0.0], ["<s>", 0.0], ["\u2581", -3.0], ["a", -2.0], ["b", -2.0], ["ab", -5.0],
      ["\u2581ab", -6.0]]})");
  const Tokenizer tokenizer = Load();
  EXPECT_EQ(tokenizer.kind(), TokenizerKind::kUnigram);
  EXPECT_THAT(tokenizer.Encode("ab ab").value(), ElementsAre(3, 4, 6));
}

TEST_F(HfSentencePieceTest, RefusesWhatWouldChangeIds) {
  ExpectUnsupportedWith("/normalizer", {{"type", "NFKC"}}, "unk_token is set");
  ExpectUnsupportedWith("/model/fuse_unk", false, "fuse_unk");
  ExpectUnsupportedWith("/model/ignore_merges", true, "ignore_merges");
  ExpectUnsupportedWith("/decoder", {{"type", "WordPiece"}}, "decoder is not known");
  ExpectCorruptWith("/model/byte_fallback", "yes", "byte_fallback");
}

TEST_F(HfTokenizerTest, UnknownTokenMustHaveNoUse) {
  json_["model"]["unk_token"] = "<s>";
  EXPECT_TRUE(Parse().ok());
  json_["model"]["vocab"].erase("ÿ");
  json_["model"]["vocab"]["other"] = 255;
  ExpectRefused(Parse(), ErrorCode::kUnsupported, "unk_token");
  json_["model"]["unk_token"] = nullptr;
  EXPECT_TRUE(Parse().ok());
}

TEST_F(HfTokenizerTest, RefusesAVocabularyThatContradictsItself) {
  ExpectCorruptWith("/model/vocab/xyz", 257, "both have id 257");
  ExpectCorruptWith("/model/vocab/xyz", 259, "no token has id 258");
  ExpectCorruptWith("/model/vocab/xyz", "258", "token \"xyz\" is string");
  ExpectCorruptWith("/model/vocab/xyz", 4294967296u, "id 4294967296");
  ExpectCorruptWith("/model/merges/0", "t q", "no token \"tq\"");
  ExpectCorruptWith("/model/merges/0", {"t", "h", "e"}, "expected \"left right\"");
  ExpectCorruptWith("/model/merges/0", 3, "expected \"left right\"");
  ExpectCorruptWith("/model/merges/0", {"t h", "e"}, "two tokens separated by one space");
  ExpectCorruptWith("/added_tokens/0/id", 258, "which is that of \"xyz\"");
  ExpectCorruptWith("/added_tokens/0/id", 300, "the ids before it end at 259");
  ExpectCorruptWith("/added_tokens/0/content", "xyz", "are both \"xyz\"");
  ExpectCorruptWith("/added_tokens/1", json_["added_tokens"][0], "is added twice");
  ExpectRefusedWith("/added_tokens/0/id", -1, ErrorCode::kCorruptFile, "id: is -1");
  ExpectRefusedWith("/added_tokens", 3, ErrorCode::kCorruptFile, "added_tokens: is 3");
  ExpectCorruptWith("/model", 3, "has 0 model.vocab");
}

TEST_F(HfTokenizerTest, RefusesAddedTokensFoundInAnotherOrder) {
  json_["added_tokens"][1] = Added("s>>", 260, false, false);
  ExpectRefused(Parse(), ErrorCode::kUnsupported, "overlap");
  json_["added_tokens"][1] = Added("s>>", 260, false, true);
  EXPECT_TRUE(Parse().ok());
  json_["added_tokens"][0]["normalized"] = true;
  ExpectRefused(Parse(), ErrorCode::kUnsupported, "overlap");
  json_["added_tokens"][1] = Added("::", 260, false, false);
  const auto apart = Parse();
  EXPECT_TRUE(apart.ok()) << apart.error().message();
}

TEST_F(HfTokenizerTest, RefusesKeysTwice) {
  const auto twice = [&](const std::string& text, const std::string& message) {
    std::string json = json_.dump();
    json.insert(1, text + ",");
    ExpectRefused(ParseHuggingFaceTokenizer(json, "t.json"), ErrorCode::kCorruptFile, message);
  };
  twice(R"("pre_tokenizer":null)", "key \"pre_tokenizer\" appears twice");
  twice(R"("model":{"vocab":{}})", "has 2 model.vocab");
  twice(R"("model":{"merges":[]})", "2 model.merges");
  ExpectRefused(ParseHuggingFaceTokenizer("[]", "t.json"), ErrorCode::kCorruptFile, "model.vocab");
  ExpectRefused(ParseHuggingFaceTokenizer("{\"model\"", "t.json"), ErrorCode::kCorruptFile,
                "is not JSON");
}

class HfFolderTest : public HfTokenizerTest {
 protected:
  void Put(const std::string& name, const std::string& text) {
    std::ofstream(folder_.File(name)) << text;
  }
  Tokenizer LoadFolder() {
    Put("tokenizer.json", json_.dump());
    auto tokenizer = LoadHuggingFaceTokenizer(folder_.File(""));
    EXPECT_TRUE(tokenizer.ok()) << tokenizer.error().message();
    return std::move(tokenizer).value();
  }
  const TempFolder folder_;
};

TEST_F(HfFolderTest, TakesBeginAndEndsFromTheFilesAround) {
  EXPECT_EQ(LoadFolder().eos_id(), std::nullopt);
  Put("config.json", R"({"bos_token_id":50256,"eos_token_id":258})");  // of another vocabulary
  EXPECT_EQ(LoadFolder().bos_id(), std::nullopt);
  EXPECT_THAT(LoadFolder().end_ids(), ElementsAre(258));
  Put("generation_config.json", R"({"bos_token_id":256,"eos_token_id":[257,259]})");
  EXPECT_EQ(LoadFolder().bos_id(), 256);
  EXPECT_THAT(LoadFolder().end_ids(), ElementsAre(257, 259));
  Put("tokenizer_config.json", R"({"bos_token":{"content":"<s>"},"eos_token":"<s>"})");
  EXPECT_EQ(LoadFolder().bos_id(), 259);
  EXPECT_THAT(LoadFolder().end_ids(), ElementsAre(259, 257));
  EXPECT_EQ(LoadTokenizer(folder_.File("")).value().eos_id(), 259);
}

// Transformers makes the tokenizer's class of these two files, or refuses.
TEST_F(HfFolderTest, SplitsALoneVocabularyAsTheModelsClassDoes) {
  Json vocabulary = json_["model"]["vocab"];
  vocabulary["<|endoftext|>"] = vocabulary.size();
  Put("vocab.json", vocabulary.dump());
  Put("merges.txt", "#version: 0.2\nt h\nth e\n");
  const auto load = [&] { return LoadTokenizer(folder_.File("")); };
  Put("config.json", R"({"model_type": "qwen2"})");
  ASSERT_TRUE(load().ok()) << load().error().message();
  EXPECT_EQ(load()->pre_tokenizer(), PreTokenizer::kQwen2);
  EXPECT_TRUE(load()->puts_into_nfc());
  EXPECT_THAT(load()->end_ids(), ElementsAre(259));
  EXPECT_EQ(load()->bos_id(), std::nullopt);
  EXPECT_TRUE(load()->IsControl(259));
  Put("config.json", R"({"model_type": "gpt2"})");
  EXPECT_EQ(load()->pre_tokenizer(), PreTokenizer::kGpt2);
  EXPECT_EQ(load()->bos_id(), 259);
  Put("config.json", R"({"model_type": "llama"})");
  EXPECT_THAT(load().error().message(), HasSubstr("expected tokenizer_class \"GPT2Tokenizer\""));
  Put("tokenizer_config.json", R"({"tokenizer_class": "GPT2TokenizerFast", "eos_token": "<new>",
      "added_tokens_decoder": {"260": {"content": "<a>", "special": false},
                               "258": {"content": "xyz", "special": true, "lstrip": true}}})");
  ASSERT_TRUE(load().ok()) << load().error().message();
  EXPECT_THAT(load()->end_ids(), ElementsAre(261));
  EXPECT_TRUE(load()->IsControl(258) && load()->IsUserDefined(260) && load()->IsControl(261));
  EXPECT_THAT(load()->Encode("t xyz<a>", {.parse_special = true}).value(),
              ElementsAre('t', 258, 260));
}

TEST_F(HfFolderTest, ReadsASentencePieceModelAndTheTokensBehindIt) {
  SentencePieceModel model;
  model.pieces = {{"<unk>", 0, 2}, {"<s>", 0, 3}, {"</s>", 0, 3}, {"a", -1, 1}};
  model.model_type = 2;
  model.unknown_id = 0;
  model.bos_id = 1;
  model.eos_id = 2;
  model.adds_prefix = false;
  Put("tokenizer.model", SentencePieceModelBytes(model));
  Put("added_tokens.json", R"({"<|end|>": 5, "<b>": 4})");
  Put("special_tokens_map.json", R"({"eos_token": "<|end|>"})");
  const auto tokenizer = LoadTokenizer(folder_.File(""));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  EXPECT_EQ(tokenizer->eos_id(), 5);
  EXPECT_TRUE(tokenizer->IsControl(5) && tokenizer->IsUserDefined(4));
  EXPECT_THAT(tokenizer->Encode("a<b>a").value(), ElementsAre(3, 4, 3));
  Put("added_tokens.json", R"({"<b>": 6})");
  EXPECT_THAT(LoadTokenizer(folder_.File("")).error().message(), HasSubstr("end at 4"));
  Put("added_tokens.json", R"({"<b>": 3})");
  EXPECT_THAT(LoadTokenizer(folder_.File("")).error().message(), HasSubstr("that of \"a\""));
}

TEST_F(HfFolderTest, NamesTheFileThatIsWrong) {
  const auto refused = [&](const std::string& message) {
    const auto tokenizer = LoadHuggingFaceTokenizer(folder_.File(""));
    ASSERT_FALSE(tokenizer.ok());
    EXPECT_THAT(tokenizer.error().message(), HasSubstr(message));
  };
  refused("tokenizer.json: No such file");
  Put("tokenizer.json", json_.dump());
  Put("config.json", R"({"eos_token_id":"x"})");
  refused("config.json: eos_token_id: is \"x\"");
  Put("config.json", "{");
  refused("config.json: is not JSON");
}

TEST_F(HfFolderTest, FindsTheChatTemplates) {
  const auto chosen = [&](bool has_tools = false) {
    const auto templates = ReadChatTemplates(folder_.File(""));
    if (!templates.ok()) return templates.error().message();
    const auto found = templates->Choose(has_tools, "m");
    return found.ok() ? found->source : found.error().message();
  };
  EXPECT_THAT(chosen(), HasSubstr("m: the model has no chat template"));
  Put("tokenizer_config.json", "{}");
  EXPECT_THAT(chosen(), HasSubstr("has no chat template"));
  Put("chat_template.json", R"({"chat_template":"of the processor"})");
  EXPECT_EQ(chosen(), "of the processor");
  Put("tokenizer_config.json", R"({"chat_template":"one"})");
  EXPECT_EQ(chosen(), "one");
  Put("tokenizer_config.json", R"({"chat_template":[{"name":"rag","template":"x"}]})");
  EXPECT_THAT(chosen(), HasSubstr("none of the model's 1 chat templates is named \"default\""));
  Put("tokenizer_config.json", R"({"chat_template":[{"name":"default","template":"main"},)"
                               R"({"name":"tool_use","template":"tools"}]})");
  EXPECT_EQ(chosen(), "main");
  EXPECT_EQ(chosen(true), "tools");
  Put("tokenizer_config.json", R"({"chat_template":7})");
  EXPECT_THAT(chosen(), HasSubstr("chat_template: is 7, expected a string"));
  Put("chat_template.jinja", "file");
  EXPECT_EQ(chosen(true), "file");
  std::filesystem::create_directory(folder_.File("additional_chat_templates"));
  Put("additional_chat_templates/tool_use.jinja", "tools of a file");
  EXPECT_EQ(chosen(), "file");
  EXPECT_EQ(chosen(true), "tools of a file");
}

// Ids that `tokenizers` gave for GPT-2's own vocabulary (tests/oracle/tokenizer_oracle.py).
TEST_F(HfTokenizerTest, IdsOfGpt2sVocabularyAreThoseOfTheReference) {
  const char* const folder = std::getenv("TARE_TEST_GPT2_VOCAB");
  if (folder == nullptr) GTEST_SKIP() << "TARE_TEST_GPT2_VOCAB is not set";
  const std::string path = folder;
  json_["model"]["vocab"] = Json::parse(std::ifstream(path + "/encoder.json"));
  json_["model"]["merges"] = Json::array();
  std::ifstream merges(path + "/vocab.bpe");
  for (std::string line; std::getline(merges, line);) {
    if (!line.starts_with("#version")) json_["model"]["merges"].push_back(line);
  }
  json_["added_tokens"] = Json::array({Added("<|endoftext|>", 50256, true, false)});
  const Tokenizer tokenizer = Load();
  EXPECT_LT(tokenizer.heap_bytes(), size_t{2} << 20);

  const Json golden = Json::parse(std::ifstream(SourceFile("tests/golden/tokenizer_gpt2.json")));
  ASSERT_GT(golden.at("cases").size(), 90u);
  for (const Json& c : golden.at("cases")) {
    const auto text = c.at("text").get<std::string>();
    const auto ids = tokenizer.Encode(text, {.parse_special = c.at("parse_special").get<bool>()});
    EXPECT_EQ(ids.value(), c.at("ids").get<std::vector<int32_t>>()) << testing::PrintToString(text);
    EXPECT_EQ(tokenizer.Decode(*ids).value(), text);
  }
}

}  // namespace
}  // namespace tare
