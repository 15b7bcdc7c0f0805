#include "tools/inspect/inspect.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/testing/temp_folder.h"
#include "models/families/llama/testing/tiny_llama.h"

namespace tare {
namespace {

using testing::HasSubstr;
using testing::Not;

using Json = nlohmann::json;

class InspectTest : public testing::Test {
 protected:
  Inspection Inspect(const TinyLlama& model) {
    const Status written = WriteTinyLlama(model, path_);
    EXPECT_TRUE(written.ok()) << written.error().message();
    auto inspection = InspectModel(path_);
    EXPECT_TRUE(inspection.ok()) << (inspection.ok() ? "" : inspection.error().message());
    return std::move(inspection).value();
  }

  TempFolder folder_;
  std::string path_ = folder_.File("m.gguf");
};

TEST_F(InspectTest, CountsPrecisionsAndBytes) {
  TinyLlama model;
  model.weights = DType::kQ8_0;
  model.layers = 1;
  const Inspection inspection = Inspect(model);
  ASSERT_EQ(inspection.precisions.size(), 2u);
  EXPECT_EQ(inspection.precisions[0].type, "f32");
  EXPECT_EQ(inspection.precisions[0].tensors, 3u);
  EXPECT_EQ(inspection.precisions[0].bytes, 3u * 64 * 4);
  // Embedding; query and attention output; key and value; the three of the inner layer.
  const uint64_t elements = 37 * 64 + 2 * 128 * 64 + 2 * 64 * 64 + 3 * 96 * 64;
  EXPECT_EQ(inspection.precisions[1].type, "q8_0");
  EXPECT_EQ(inspection.precisions[1].tensors, 8u);
  EXPECT_EQ(inspection.precisions[1].parameters, elements);
  EXPECT_EQ(inspection.precisions[1].bytes, elements / 32 * 34);
  EXPECT_EQ(inspection.model->weights_bytes,
            inspection.precisions[0].bytes + inspection.precisions[1].bytes);
  EXPECT_EQ(inspection.tensors.size(), 11u);
}

TEST_F(InspectTest, ATokenReadsOneRowOfAnUntiedEmbedding) {
  TinyLlama model;
  EXPECT_EQ(Inspect(model).model->bytes_per_token, Inspect(model).model->weights_bytes);
  model.tied = false;
  const ModelInfo untied = *Inspect(model).model;
  EXPECT_EQ(untied.weights_bytes - untied.bytes_per_token, uint64_t{36} * 64 * 4);
}

TEST_F(InspectTest, TextTellsTheShapesAndTheTensorsOnlyWhereAsked) {
  TinyLlama model;
  model.more_strings["general.name"] = "Tiny \x1b[2J";
  model.more_uints["tokenizer.ggml.eos_token_id"] = 7;
  const Inspection inspection = Inspect(model);
  const std::string text = InspectionToText(inspection, false);
  EXPECT_THAT(text, HasSubstr("name         Tiny \\x1b[2J\n"));
  EXPECT_THAT(text, HasSubstr("heads        4, sharing 2 key/value heads, of size 32\n"));
  EXPECT_THAT(text, HasSubstr("context      128 tokens\n"));
  EXPECT_THAT(text, HasSubstr("eos            7 \"t7\"\n"));
  EXPECT_THAT(text, HasSubstr("37 tokens, 0 merges, without chat template"));
  EXPECT_THAT(text, Not(HasSubstr("blk.0.attn_k.weight")));
  EXPECT_THAT(InspectionToText(inspection, true),
              HasSubstr("\nblk.0.attn_k.weight       f32     [64, 64] "));
}

TEST_F(InspectTest, TextFitsATerminalAndShowsAllWhereWide) {
  TinyLlama model;
  model.more_uints["llama.expert_count"] = 8;  // a refusal is a long sentence
  Inspection inspection = Inspect(model);
  const std::string name = "layers/transformer_decoder/_self_attention_layer/_query_dense/vars/0";
  inspection.tensors[0].name = name;
  inspection.tensors[0].shape = Shape({1024, 16, 64});
  inspection.header.path = "m.gguf";
  for (const size_t columns : {100, 70}) {
    std::istringstream lines(InspectionToText(inspection, true, {.columns = columns}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(TextWidth(line), columns) << line;
  }
  EXPECT_THAT(InspectionToText(inspection, true, {.columns = 70}), HasSubstr("\n" + name + "\n  "));
  const std::string wide = InspectionToText(inspection, true, {.wide = true});
  EXPECT_THAT(wide, HasSubstr(name + "  f32    [1024, 16, 64]  "));
  EXPECT_THAT(wide, HasSubstr("offset"));
}

TEST_F(InspectTest, JsonHoldsTheSameFacts) {
  TinyLlama model;
  model.more_strings["general.name"] = "bytes \xff";
  model.more_strings["tokenizer.chat_template"] = "{{ messages }}";
  model.more_uints["tokenizer.ggml.bos_token_id"] = 3;
  const Inspection inspection = Inspect(model);
  const Json json = Json::parse(InspectionToJson(inspection, true), nullptr, false);
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["schema_version"], 1);
  EXPECT_EQ(json["model"]["name"], "bytes \xef\xbf\xbd");
  EXPECT_EQ(json["model"]["weights_bytes"], inspection.model->weights_bytes);
  EXPECT_EQ(json["tokenizer"]["special"]["bos"], (Json{{"id", 3}, {"text", "t3"}}));
  EXPECT_EQ(json["tokenizer"]["chat_template"], true);
  ASSERT_EQ(json["tensors"].size(), inspection.tensors.size());
  EXPECT_EQ(json["tensors"][0]["name"], "token_embd.weight");
  EXPECT_EQ(json["tensors"][0]["shape"], (Json{37, 64}));
  EXPECT_EQ(json["tensors"][0]["bytes"], 37 * 64 * 4);
  EXPECT_FALSE(
      Json::parse(InspectionToJson(inspection, false), nullptr, false).contains("tensors"));
}

TEST_F(InspectTest, ASpecialTokenBeyondTheVocabularyIsAnError) {
  TinyLlama model;
  model.more_uints["tokenizer.ggml.bos_token_id"] = 37;
  ASSERT_TRUE(WriteTinyLlama(model, path_).ok());
  const auto inspection = InspectModel(path_);
  ASSERT_FALSE(inspection.ok());
  EXPECT_EQ(inspection.error().code(), ErrorCode::kCorruptFile);
  EXPECT_THAT(inspection.error().message(), HasSubstr("bos_token_id is 37, expected an id below"));
}

// bench, weigh and fit work with models that Tare's own engine does not run, and so does this.
TEST_F(InspectTest, AModelThatTareCannotRunIsDescribedAllTheSame) {
  TinyLlama model;
  model.architecture = "mamba9";
  model.more_uints = {{"mamba9.context_length", 640}, {"mamba9.block_count", 9}};
  const Inspection inspection = Inspect(model);
  EXPECT_FALSE(inspection.model.has_value());
  const std::string text = InspectionToText(inspection, true);
  EXPECT_THAT(text, HasSubstr("architecture mamba9\n"));
  EXPECT_THAT(text, HasSubstr("context      640 tokens\n"));
  EXPECT_THAT(text, HasSubstr("vocabulary   37\n"));
  EXPECT_THAT(text, HasSubstr("general.architecture is \"mamba9\",\n"));
  EXPECT_THAT(text, HasSubstr("blk.0.attn_k.weight"));
  const Json json = Json::parse(InspectionToJson(inspection, false), nullptr, false)["model"];
  EXPECT_EQ(json["family"], "mamba9");
  EXPECT_EQ(json["layers"], 9);
  EXPECT_EQ(json["max_context"], 640);
  EXPECT_TRUE(json["width"].is_null());
  EXPECT_TRUE(json["tied_output"].is_null());
  EXPECT_EQ(json["weights_bytes"], inspection.header.weights_bytes);
  EXPECT_THAT(json["refused_by_native"].get<std::string>(), HasSubstr("mamba9"));
}

TEST_F(InspectTest, AVariantThatTareCannotRunIsDescribedWithTheReason) {
  TinyLlama model;
  model.more_uints["llama.expert_count"] = 8;
  const Inspection inspection = Inspect(model);
  EXPECT_FALSE(inspection.model.has_value());
  EXPECT_THAT(inspection.refusal, HasSubstr("mixtures of experts"));
  EXPECT_EQ(inspection.header.max_context, 128u);
}

TEST_F(InspectTest, AFileThatContradictsItselfIsAnError) {
  TinyLlama model;
  model.missing_tensors = {"blk.1.ffn_up.weight"};
  ASSERT_TRUE(WriteTinyLlama(model, path_).ok());
  EXPECT_FALSE(InspectModel(path_).ok());
}

TEST(InspectRealModelTest, TellsWhatSmolLM2Is) {
  const char* path = std::getenv("TARE_TEST_MODEL");
  if (path == nullptr) GTEST_SKIP() << "TARE_TEST_MODEL names no model";
  const auto inspection = InspectModel(path);
  ASSERT_TRUE(inspection.ok()) << inspection.error().message();
  EXPECT_EQ(inspection->model->parameters, 134515008u);
  EXPECT_EQ(inspection->model->weights_bytes, 96576768u);
  EXPECT_TRUE(inspection->model->tied_output);
  EXPECT_EQ(inspection->tokenizer->pre_tokenizer, "smollm");
  EXPECT_EQ(inspection->tokenizer->merges, 48900u);
}

}  // namespace
}  // namespace tare
