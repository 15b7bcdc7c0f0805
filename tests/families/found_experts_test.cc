// Experts in the forms in which checkpoints hold them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "found_model.h"
#include "models/find_family.h"

namespace tare {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class FoundExpertsTest : public FoundFilesTest {
 protected:
  void SetUp() override { golden_ = ReadGoldenModel("qwen3moe"); }
};

TEST_F(FoundExpertsTest, StackedTensorsHoldTheSameMatrices) {
  const auto numbers = [](const Result<Model>& model) {
    std::vector<float> all;
    EXPECT_TRUE(model.ok());
    if (!model.ok()) return all;
    for (const PartWeight* part : model->weights().OfExperts()) {
      for (const TensorView& matrix : part->experts) {
        all.insert(all.end(), matrix.f32(), matrix.f32() + matrix.shape.elements());
      }
    }
    return all;
  };
  const std::vector<float> apart = numbers(Open());
  const Result<Model> stacked = Open({.stacks_experts = true});
  ASSERT_TRUE(stacked.ok()) << stacked.error().message();
  EXPECT_THAT(stacked->notes(), IsEmpty());
  EXPECT_EQ(numbers(stacked), apart);
  EXPECT_EQ(apart.size(), 4u * 7 * 3 * 22 * 36);
}

TEST_F(FoundExpertsTest, OnlyTheExpertsInUseCount) {
  for (const bool stacks : {false, true}) {
    const Result<Model> model = Open({.stacks_experts = stacks});
    ASSERT_TRUE(model.ok()) << model.error().message();
    // Layers, matrices of an expert, its width, the model's width.
    const uint64_t expert = uint64_t{4} * 3 * 22 * 36 * sizeof(float);
    const uint64_t rows = uint64_t{67 - 1} * 36 * sizeof(float);  // of the embedding
    EXPECT_EQ(model->info().bytes_per_token, model->info().weights_bytes - rows - (7 - 3) * expert);
    EXPECT_EQ(BytesOf(model->StreamedWeights()),
              model->info().weights_bytes - (rows / (67 - 1) * 67) - 7 * expert);
    EXPECT_EQ(model->info().experts, 7u);
    EXPECT_EQ(model->info().experts_used, 3u);
  }
}

TEST_F(FoundExpertsTest, ImpossibleNumbersAreRefused) {
  golden_.config["num_experts_per_tok"] = 8;
  const auto refusal = [this] {
    const Family* const family = FindFamily(&Family::hugging_face_type, "qwen3_moe");
    const auto config = JsonObject::Parse(golden_.config.dump(), "config.json");
    const auto model = family->from_hugging_face(*family, *config);
    return model.ok() ? std::string() : model.error().message();
  };
  EXPECT_THAT(refusal(), HasSubstr("a token uses 8 experts of 7"));
  golden_.config["num_experts"] = 1 << 20;
  EXPECT_THAT(refusal(), HasSubstr("4 layers with 1048576 experts each"));
  golden_.config["decoder_sparse_step"] = 0;
  EXPECT_THAT(refusal(), HasSubstr("decoder_sparse_step is 0"));
}

}  // namespace
}  // namespace tare
