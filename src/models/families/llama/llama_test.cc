#include "models/families/llama/llama.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace tare {
namespace {

// A file that claims more than memory holds must not end the program.
TEST(BuildLlamaTest, FrequenciesThatHaveNoRoomAreAnError) {
  const std::vector<float> values(64);
  const auto tensor = [&](const Shape& shape) {
    return TensorView{DType::kF32, shape, reinterpret_cast<const std::byte*>(values.data())};
  };
  LlamaConfig config;
  config.head_size = size_t{1} << 61;
  LlamaWeights weights;
  weights.embedding = tensor({4, 8});
  weights.output = {weights.embedding, WeightLayout::kOutIn, {}};
  weights.output_norm = tensor({8});
  const Result<Graph> graph = BuildLlama(config, weights, true);
  ASSERT_FALSE(graph.ok());
  EXPECT_EQ(graph.error().code(), ErrorCode::kOutOfMemory);
  EXPECT_THAT(graph.error().message(), ::testing::HasSubstr("rotation frequencies: "));
}

}  // namespace
}  // namespace tare
