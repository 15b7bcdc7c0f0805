// Hugging Face folders as they are found: what is ignored, noted and refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/testing/temp_folder.h"
#include "golden_model.h"
#include "models/model.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FoundFilesTest : public testing::Test {
 protected:
  Result<Model> Open(const std::vector<std::string>& more = {}) const {
    const Status written = WriteGoldenModel(golden_, folder_.File("model"), more);
    EXPECT_TRUE(written.ok()) << written.error().message();
    return Model::Open(folder_.File("model"));
  }

  GoldenModel golden_ = ReadGoldenModel("llama-linear");
  const TempFolder folder_;
};

TEST_F(FoundFilesTest, BuffersOfOldCheckpointsAreIgnored) {
  const Result<Model> model =
      Open({"model.layers.0.self_attn.rotary_emb.inv_freq", "model.rotary_emb.inv_freq",
            "model.layers.1.attn.bias", "model.layers.1.attn.masked_bias"});
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_THAT(model->notes(), IsEmpty());
}

TEST_F(FoundFilesTest, TensorsWithoutAPlaceAreNoted) {
  const Result<Model> model = Open({"model.vision.weight", "z.weight"});
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_THAT(model->notes(), ElementsAre(HasSubstr("2 tensors are not part of a llama model and "
                                                    "not used, such as model.vision.weight")));
}

TEST_F(FoundFilesTest, AnOutputThatIsMissingButNotTiedIsRefused) {
  golden_.config["tie_word_embeddings"] = false;
  const Result<Model> model = Open();
  ASSERT_FALSE(model.ok());
  EXPECT_THAT(model.error().message(), HasSubstr("tie_word_embeddings is false"));
}

TEST_F(FoundFilesTest, QuantisedFoldersAreNamed) {
  golden_.config["quantization_config"] = {{"quant_method", "awq"}, {"bits", 4}};
  EXPECT_THAT(Open().error().message(), HasSubstr("the weights are quantised (AWQ, 4 bits)"));
  golden_.config.erase("quantization_config");
  golden_.config["quantization"] = {{"group_size", 64}, {"bits", 4}};
  EXPECT_THAT(Open().error().message(), HasSubstr("the weights are quantised (MLX, 4 bits)"));
}

}  // namespace
}  // namespace tare
