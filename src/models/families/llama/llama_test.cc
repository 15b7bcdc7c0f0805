#include "models/families/llama/llama.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "models/decoder/decoder_model.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

Result<DecoderSpec> Read(const std::string& text) {
  return DecoderSpecFromHuggingFace(kLlamaFamily, *JsonObject::Parse(text, "config.json"));
}

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
  const Result<DecoderSpec> spec = Read(kLlamaJson);
  ASSERT_TRUE(spec.ok()) << spec.error().message();
  EXPECT_EQ(spec->sizes.head_size, 4u);
  EXPECT_EQ(spec->sizes.kv_heads, 2u);
  EXPECT_FALSE(spec->sizes.has_attention_bias);
  EXPECT_EQ(spec->ropes[0].base, 500000.0f);
  EXPECT_EQ(spec->ropes[0].scaling.kind, RopeScalingKind::kWavelength);
  EXPECT_EQ(spec->ropes[0].scaling.factor, 8.0f);
  EXPECT_EQ(spec->ropes[0].scaling.original_context, 8192u);
  EXPECT_EQ(spec->pairing, RopePairing::kHalf);
}

// As Transformers does: the older key wins, and what it holds wins over what stands beside it.
TEST(LlamaConfigTest, RopeScalingReplacesRopeParameters) {
  const std::string both = Replaced(
      kLlamaJson, "\"vocab_size\"",
      R"("rope_parameters": {"rope_type": "linear", "factor": 3.0, "rope_theta": 7.0}, "vocab_size")");
  EXPECT_EQ(Read(both)->ropes[0].linear_factor, 1.0f);
  EXPECT_EQ(Read(both)->ropes[0].base, 500000.0f);
  const std::string null = Replaced(both, "\"rope_scaling\"", "\"rope_scaling\": null, \"unused\"");
  EXPECT_EQ(Read(null)->ropes[0].linear_factor, 3.0f);
  EXPECT_EQ(Read(null)->ropes[0].base, 7.0f);
}

TEST(LlamaConfigTest, ReadsAttentionBias) {
  const Result<DecoderSpec> spec =
      Read(Replaced(kLlamaJson, "\"vocab_size\"", "\"attention_bias\": true, \"vocab_size\""));
  ASSERT_TRUE(spec.ok()) << spec.error().message();
  EXPECT_TRUE(spec->sizes.has_attention_bias);
}

TEST(LlamaConfigTest, RefusesWhatCannotBe) {
  const auto message = [](const std::string& part, const std::string& other) {
    const Result<DecoderSpec> spec = Read(Replaced(kLlamaJson, part, other));
    return spec.ok() ? std::string("read") : spec.error().message();
  };
  EXPECT_THAT(message("llama3", "dynamic"), HasSubstr("\"dynamic\""));
  EXPECT_THAT(message("\"factor\": 8.0", "\"factor\": 0"), HasSubstr("factor"));
  EXPECT_THAT(message("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3"),
              HasSubstr("3 key/value heads"));
  EXPECT_THAT(message("\"vocab_size\": 11", "\"mlp_bias\": true, \"vocab_size\": 11"),
              HasSubstr("mlp_bias"));
  EXPECT_THAT(message("\"vocab_size\": 11", "\"hidden_act\": \"relu\", \"vocab_size\": 11"),
              HasSubstr("hidden_act is \"relu\""));
  EXPECT_THAT(message("\"factor\": 8.0", "\"factor\": 8.0, \"partial_rotary_factor\": 0.5"),
              HasSubstr("partial_rotary_factor"));
}

// A file that claims more than memory holds must not end the program.
TEST(BuildLlamaTest, FrequenciesThatHaveNoRoomAreAnError) {
  const std::vector<float> values(64);
  const auto tensor = [&](const Shape& shape) {
    return TensorView{DType::kF32, shape, reinterpret_cast<const std::byte*>(values.data())};
  };
  DecoderSpec spec;
  spec.ropes[0].rotated = size_t{1} << 61;
  ModelWeights weights;
  weights.Set(ModelPart::kTokenEmbedding, 0, {{tensor({4, 8}), WeightLayout::kOutIn, {}}, 4, 0, 4});
  const Result<Graph> graph = DecoderModel(kLlamaFamily, spec).BuildGraph(weights, true);
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kOutOfMemory);
  EXPECT_THAT(graph.error().message(), HasSubstr("rotation frequencies: "));
}

}  // namespace
}  // namespace tare
