// Text models within models of more than text.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "found_model.h"
#include "models/find_family.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HostedTest : public FoundFilesTest {
 protected:
  void Host(const std::string& type) {
    golden_.config = {{"model_type", type},
                      {"text_config", golden_.config},
                      {"vision_config", {{"hidden_size", 8}}}};
  }

  // The same weights under the names of a model of text alone.
  std::vector<float> Plain() const {
    const TempFolder folder;
    EXPECT_TRUE(WriteGoldenModel(plain_, folder.File("plain")).ok());
    const Result<Model> model = Model::Open(folder.File("plain"));
    EXPECT_TRUE(model.ok());
    return model.ok() ? Flat(*model) : std::vector<float>();
  }

  static std::vector<float> Flat(const Model& model) {
    std::vector<float> numbers;
    for (const TensorSpec& spec :
         ListTensors(model.family().tensors, model.family_model().sizes(),
                     ModelFormat::kHuggingFace, model.info().tied_output)) {
      const TensorView& tensor = model.weights().Tensor(spec.parts.front(), spec.layer);
      numbers.insert(numbers.end(), tensor.f32(), tensor.f32() + tensor.shape.elements());
    }
    return numbers;
  }

  const GoldenModel plain_ = ReadGoldenModel("gemma3");
};

TEST_F(HostedTest, TheTextModelIsReadUnderOldAndNewNames) {
  golden_ = plain_;
  Host("gemma3");
  const GoldenForm forms[] = {
      {.more = {"vision_tower.a.weight"}, .prefix = "language_model.model."},
      {.more = {"model.vision_tower.a.weight"}, .prefix = "model.language_model."}};
  for (const GoldenForm& form : forms) {
    const Result<Model> model = Open(form);
    ASSERT_TRUE(model.ok()) << model.error().message();
    EXPECT_EQ(Flat(*model), Plain());
    EXPECT_THAT(model->notes(), ElementsAre(HasSubstr("such as " + form.more[0])));
    EXPECT_TRUE(model->info().tied_output);
  }
}

TEST_F(HostedTest, TheOutputMayBeWithinTheTextModel) {
  for (const GoldenForm& form :
       {GoldenForm{.prefix = "language_model.model.", .output_prefix = "language_model."},
        GoldenForm{.prefix = "model.language_model."}}) {
    golden_ = ReadGoldenModel("mistral");
    Host("mistral3");
    const Result<Model> model = Open(form);
    ASSERT_TRUE(model.ok()) << model.error().message();
    EXPECT_FALSE(model->info().tied_output);
    EXPECT_THAT(model->notes(), IsEmpty());
  }
}

TEST_F(HostedTest, ATextModelWithinAnUnknownOneIsRefused) {
  golden_ = plain_;
  Host("paligemma");
  EXPECT_THAT(Open({.prefix = "model.language_model."}).error().message(),
              HasSubstr("model_type is \"paligemma\": its text model, \"gemma3_text\", is not "
                        "supported within it"));
}

// As in the published configuration of the 4 billion parameters: all else is the class's default.
TEST_F(HostedTest, SizesThatAConfigurationLeavesOutAreTheClassesOwn) {
  const Family* const family = FindFamily(&Family::hugging_face_type, "gemma3_text");
  const auto config = JsonObject::Parse(
      R"({"hidden_size": 2560, "intermediate_size": 10240, "model_type": "gemma3_text",
          "num_hidden_layers": 34, "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
          "sliding_window": 1024})",
      "config.json: text_config");
  const auto model = family->from_hugging_face(*family, *config);
  ASSERT_TRUE(model.ok()) << model.error().message();
  const ModelSizes sizes = (*model)->sizes();
  EXPECT_EQ(sizes.heads, 8u);
  EXPECT_EQ(sizes.kv_heads, 4u);
  EXPECT_EQ(sizes.head_size, 256u);
  EXPECT_EQ(sizes.vocabulary, 262208u);
  EXPECT_EQ(sizes.max_context, 131072u);
}

}  // namespace
}  // namespace tare
