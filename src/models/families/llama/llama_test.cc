#include "models/families/llama/llama.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace tare {
namespace {

using ::testing::HasSubstr;

JsonObject LlamaJson(const std::string& text) { return *JsonObject::Parse(text, "config.json"); }

constexpr char kLlamaJson[] =
    R"({"vocab_size": 11, "num_hidden_layers": 2, "num_attention_heads": 4,
        "num_key_value_heads": 2, "hidden_size": 16, "intermediate_size": 24, "rms_norm_eps": 1e-5,
        "rope_theta": 500000.0, "max_position_embeddings": 2048,
        "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0,
                         "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}})";

std::string Replaced(std::string text, const std::string& part, const std::string& other = "") {
  const size_t at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return text.replace(at, part.size(), other);
}

TEST(LlamaConfigTest, ReadsHuggingFacesWithCorrectedRotation) {
  const Result<LlamaConfig> config = LlamaConfigFromHuggingFace(LlamaJson(kLlamaJson));
  ASSERT_TRUE(config.ok()) << config.error().message();
  EXPECT_EQ(config->head_size, 4u);
  EXPECT_EQ(config->kv_heads, 2u);
  EXPECT_EQ(config->rope_base, 500000.0f);
  ASSERT_TRUE(config->rope_correction.has_value());
  EXPECT_EQ(config->rope_correction->factor, 8.0f);
  EXPECT_EQ(config->rope_correction->original_context, 8192u);
  EXPECT_EQ(config->rope_pairing, RopePairing::kHalf);
}

TEST(LlamaConfigTest, RefusesWhatCannotBe) {
  const auto llama = [](const std::string& part, const std::string& other) {
    return LlamaConfigFromHuggingFace(LlamaJson(Replaced(kLlamaJson, part, other))).error();
  };
  EXPECT_THAT(llama("llama3", "yarn").message(), HasSubstr("\"yarn\""));
  EXPECT_THAT(llama("\"factor\": 8.0", "\"factor\": 0").message(), HasSubstr("factor"));
  EXPECT_THAT(llama("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3").message(),
              HasSubstr("3 key/value heads"));
  EXPECT_THAT(llama("\"vocab_size\": 11", "\"attention_bias\": true, \"vocab_size\": 11").message(),
              HasSubstr("attention_bias"));
}

// A file that claims more than memory holds must not end the program.
TEST(BuildLlamaTest, FrequenciesThatHaveNoRoomAreAnError) {
  const std::vector<float> values(64);
  const auto tensor = [&](const Shape& shape) {
    return TensorView{DType::kF32, shape, reinterpret_cast<const std::byte*>(values.data())};
  };
  LlamaConfig config;
  config.head_size = size_t{1} << 61;
  ModelWeights weights;
  weights.Set(ModelPart::kTokenEmbedding, 0, {{tensor({4, 8}), WeightLayout::kOutIn, {}}, 4, 0, 4});
  const Result<Graph> graph = LlamaModel(config).BuildGraph(weights, true);
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kOutOfMemory);
  EXPECT_THAT(graph.error().message(), ::testing::HasSubstr("rotation frequencies: "));
}

}  // namespace
}  // namespace tare
