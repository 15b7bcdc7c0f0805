#include "tools/convert/keras_preset_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "base/testing/temp_folder.h"
#include "base/testing/test_paths.h"
#include "format/json/json_file.h"
#include "models/decoder/decoder_model.h"
#include "models/families/gpt2/gpt2.h"
#include "models/families/llama/llama.h"

namespace tare {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;
using Json = nlohmann::json;

KerasPreset Preset(ModelShape backbone, std::vector<std::string> tokens) {
  KerasPreset preset;
  preset.backbone = std::move(backbone);
  preset.sequence_length = 11;
  preset.tokenizer = {.tokens = std::move(tokens),
                      .merges = {"a b"},
                      .special_tokens = {},
                      .bos = "<|begin_of_text|>",
                      .eos = "<|end_of_text|>"};
  preset.variables = KerasVariables(preset.backbone, preset.dtype);
  return preset;
}

KerasPreset Gpt2(float norm_epsilon = 1e-5f) {
  const Gpt2Config config = {2, 15, 28, 3, 22, 11, norm_epsilon};
  return Preset({std::make_shared<Gpt2Model>(config), true}, {"a", "b", "ab", "<|endoftext|>"});
}

DecoderSpec LlamaSpec() {
  DecoderSpec spec;
  spec.sizes = {.layers = 2,
                .width = 24,
                .inner_width = 40,
                .heads = 6,
                .kv_heads = 3,
                .head_size = 4,
                .vocabulary = 22};
  spec.norm_epsilon = 1e-6f;
  RopeSpec& rope = spec.ropes[0];
  rope.base = 500000.0f;
  rope.rotated = 4;
  rope.scaling.kind = RopeScalingKind::kWavelength;
  rope.scaling.factor = 8.0f;
  rope.scaling.original_context = 8192;
  return spec;
}

KerasPreset Llama(bool tied, const DecoderSpec& spec = LlamaSpec()) {
  return Preset({std::make_shared<DecoderModel>(kLlamaFamily, spec), tied},
                {"a", "b", "ab", "<|begin_of_text|>", "<|end_of_text|>"});
}

Status Write(const std::string& folder, const KerasPreset& preset, OldFolder old) {
  TARE_ASSIGN_OR_RETURN(KerasPresetWriter writer, KerasPresetWriter::Create(folder, old, preset));
  for (const KerasVariableSpec& variable : preset.variables) {
    const std::vector<std::byte> zeros(*ByteSize(variable.dtype, variable.shape));
    TARE_RETURN_IF_ERROR(writer.AppendData(variable.name, zeros));
  }
  return writer.Finish();
}

Json ReadJsonAt(const std::string& path) {
  std::ifstream file(path);
  return Json::parse(file, nullptr, false);
}

struct GoldenCase {
  const char* name;
  KerasPreset preset;
};

class KerasPresetGoldenTest : public testing::TestWithParam<GoldenCase> {};

TEST_P(KerasPresetGoldenTest, ConfigurationAndVariablesAreThoseThatKerasHubSaves) {
  const Json golden = ReadJsonAt(SourceFile("tests/golden/keras_presets.json"))[GetParam().name];
  std::map<std::string, std::vector<size_t>> variables;
  for (const KerasVariableSpec& variable : GetParam().preset.variables) {
    variables[variable.name].assign(variable.shape.begin(), variable.shape.end());
  }
  EXPECT_EQ(Json(variables), golden["variables"]);

  const TempFolder folder;
  const Status written = Write(folder.File("out"), GetParam().preset, OldFolder::kKeep);
  ASSERT_TRUE(written.ok()) << written.error().message();
  Json config = ReadJsonAt(folder.File("out/config.json"));
  EXPECT_EQ(ReadJsonAt(folder.File("out/task.json"))["config"]["backbone"], config);
  config["config"].erase("name");
  const bool is_tied_llama = config["config"].erase("tie_word_embeddings") > 0;
  EXPECT_EQ(is_tied_llama, std::string_view(GetParam().name) == "llama3_tied");
  EXPECT_EQ(config, golden["config"]);
}

INSTANTIATE_TEST_SUITE_P(All, KerasPresetGoldenTest,
                         testing::Values(GoldenCase{"gpt2", Gpt2()},
                                         GoldenCase{"llama3_untied", Llama(false)},
                                         GoldenCase{"llama3_tied", Llama(true)}),
                         [](const auto& golden) { return std::string(golden.param.name); });

TEST(KerasPresetWriterTest, ConfigurationsAreReadBackAsTheyWere) {
  const TempFolder folder;
  DecoderSpec config = LlamaSpec();
  config.norm_epsilon = 3.1e-5f;
  config.ropes[0].base = 12345.5f;
  config.ropes[0].linear_factor = 1.7f;
  ASSERT_TRUE(Write(folder.File("out"), Llama(true, config), OldFolder::kKeep).ok());
  const auto json = JsonObject::Open(folder.File("out/config.json"));
  ASSERT_TRUE(json.ok());
  const auto read =
      DecoderSpecFromKeras(kLlamaFamily, json->GetObject("config").value(), std::nullopt);
  ASSERT_TRUE(read.ok()) << read.error().message();
  EXPECT_EQ(read->norm_epsilon, config.norm_epsilon);
  EXPECT_EQ(read->ropes[0].base, config.ropes[0].base);
  EXPECT_EQ(read->ropes[0].linear_factor, config.ropes[0].linear_factor);
  EXPECT_EQ(read->ropes[0].scaling.original_context, 8192u);
}

TEST(KerasPresetWriterTest, LlamaGetsTheTokensThatItsTokenizerInsistsOn) {
  const TempFolder folder;
  ASSERT_TRUE(Write(folder.File("out"), Llama(true), OldFolder::kKeep).ok());
  const Json vocabulary = ReadJsonAt(folder.File("out/assets/tokenizer/vocabulary.json"));
  EXPECT_EQ(vocabulary["<|end_of_text|>"], 4);
  EXPECT_EQ(vocabulary["<|start_header_id|>"], 5);
  EXPECT_EQ(vocabulary["<|end_header_id|>"], 6);
  EXPECT_EQ(vocabulary["<|eot_id|>"], 7);
  const Json tokenizer = ReadJsonAt(folder.File("out/tokenizer.json"));
  EXPECT_EQ(tokenizer["config"]["unsplittable_tokens"],
            Json({"<|begin_of_text|>", "<|end_header_id|>", "<|end_of_text|>", "<|eot_id|>",
                  "<|start_header_id|>"}));
  EXPECT_FALSE(tokenizer["config"].contains("eos_token"));
}

TEST(KerasPresetWriterTest, AnotherEndTokenIsNamed) {
  const TempFolder folder;
  KerasPreset preset = Llama(true);
  preset.tokenizer.tokens.push_back("<|im_end|>");
  preset.tokenizer.eos = "<|im_end|>";
  ASSERT_TRUE(Write(folder.File("out"), preset, OldFolder::kKeep).ok());
  const Json tokenizer = ReadJsonAt(folder.File("out/tokenizer.json"));
  EXPECT_EQ(tokenizer["config"]["eos_token"], "<|im_end|>");
}

TEST(KerasPresetWriterTest, NothingRemainsOfAPresetThatIsGivenUp) {
  const TempFolder folder;
  {
    const auto writer = KerasPresetWriter::Create(folder.File("out"), OldFolder::kKeep, Gpt2());
    ASSERT_TRUE(writer.ok());
    EXPECT_EQ(folder.Names().size(), 1u);
    EXPECT_FALSE(std::filesystem::exists(folder.File("out")));
  }
  EXPECT_THAT(folder.Names(), IsEmpty());
}

TEST(KerasPresetWriterTest, AnOlderPresetIsReplacedOnlyWhereAskedFor) {
  const TempFolder folder;
  ASSERT_TRUE(Write(folder.File("out"), Gpt2(), OldFolder::kKeep).ok());
  const Status kept = Write(folder.File("out"), Llama(true), OldFolder::kKeep);
  ASSERT_FALSE(kept.ok());
  EXPECT_THAT(kept.error().message(), HasSubstr("--force"));
  EXPECT_EQ(ReadJsonAt(folder.File("out/config.json"))["class_name"], "GPT2Backbone");
  ASSERT_TRUE(Write(folder.File("out/"), Llama(true), OldFolder::kReplace).ok());
  EXPECT_EQ(ReadJsonAt(folder.File("out/config.json"))["class_name"], "Llama3Backbone");
  EXPECT_THAT(folder.Names(), UnorderedElementsAre("out"));
}

TEST(KerasPresetWriterTest, RefusesWhatTheClassesCannotExpress) {
  const TempFolder folder;
  const auto message = [&](const KerasPreset& preset) {
    const Status status = Write(folder.File("out"), preset, OldFolder::kKeep);
    return status.ok() ? std::string("written") : status.error().message();
  };
  EXPECT_THAT(message(Gpt2(1e-6f)), HasSubstr("epsilon is 1e-05"));
  KerasPreset preset = Gpt2();
  preset.backbone.tied = false;
  EXPECT_THAT(message(preset), HasSubstr("no output matrix of its own"));
  preset = Gpt2();
  preset.tokenizer.tokens.pop_back();
  EXPECT_THAT(message(preset), HasSubstr("<|endoftext|>"));
  preset = Gpt2();
  preset.tokenizer.tokens.resize(23);
  EXPECT_THAT(message(preset), HasSubstr("23 tokens, but the model's vocabulary is 22"));
  DecoderSpec wide = LlamaSpec();
  wide.sizes.head_size = 8;
  EXPECT_THAT(message(Llama(false, wide)),
              HasSubstr("6 heads of size 8 make 48, and the width is 24"));
  DecoderSpec interleaved = LlamaSpec();
  interleaved.pairing = RopePairing::kInterleaved;
  EXPECT_THAT(message(Llama(false, interleaved)), HasSubstr("rotates halves"));
  EXPECT_THAT(folder.Names(), IsEmpty());
}

}  // namespace
}  // namespace tare
