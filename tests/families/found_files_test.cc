// Hugging Face folders as they are found: what is ignored, noted and refused.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "found_model.h"
#include "models/families/families.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(FoundFilesTest, BuffersOfOldCheckpointsAreIgnored) {
  const Result<Model> model =
      Open({.more = {"model.layers.0.self_attn.rotary_emb.inv_freq", "model.rotary_emb.inv_freq",
                     "model.layers.1.attn.bias", "model.layers.1.attn.masked_bias"}});
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_THAT(model->notes(), IsEmpty());
}

TEST_F(FoundFilesTest, TensorsWithoutAPlaceAreNotedAndNotRead) {
  const uint64_t without = Open()->info().bytes_per_token;
  const Result<Model> model = Open({.more = {"model.vision.weight", "z.weight"}});
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_THAT(model->notes(), ElementsAre(HasSubstr("2 tensors are not part of a llama model and "
                                                    "not used, such as model.vision.weight")));
  EXPECT_EQ(model->info().bytes_per_token, without);
  EXPECT_EQ(BytesOf(model->StreamedWeights()), without);
}

TEST_F(FoundFilesTest, QuantisedFoldersAreNamed) {
  golden_.config["quantization_config"] = {{"quant_method", "awq"}, {"bits", 4}};
  EXPECT_THAT(Open().error().message(), HasSubstr("the weights are quantised (AWQ, 4 bits)"));
  golden_.config.erase("quantization_config");
  golden_.config["quantization"] = {{"group_size", 64}, {"bits", 4}};
  EXPECT_THAT(Open().error().message(), HasSubstr("the weights are quantised (MLX, 4 bits)"));
}

// ---- Outputs that are the embedding ------------------------------------------------------------

// One model of each family of the shared decoder, and what Transformers takes a configuration
// without tie_word_embeddings for.
struct TyingCase {
  const char* golden;
  bool ties;
};
constexpr TyingCase kTyingCases[] = {
    {"llama", false},  {"mistral", false},      {"qwen2", false}, {"qwen3", false},
    {"gemma2", true},  {"gemma3-linear", true}, {"phi3", false},  {"granite", false},
    {"smollm3", true}, {"qwen3moe", false},
};

class TyingTest : public FoundFilesTest {
 protected:
  void Expect(const GoldenForm& form, bool opens, const std::string& what) {
    SCOPED_TRACE(golden_.name + ", " + what);
    const Result<Model> model = Open(form);
    ASSERT_EQ(model.ok(), opens) << (model.ok() ? "" : model.error().message());
    if (!opens) {
      EXPECT_THAT(model.error().message(), HasSubstr("tie_word_embeddings is "));
      EXPECT_THAT(model.error().message(), HasSubstr("the output's tensor is missing"));
      return;
    }
    EXPECT_EQ(model->info().tied_output, golden_.tied);
  }
};

TEST_F(TyingTest, EveryFamilyIsListed) {
  std::set<std::string> types;
  for (const TyingCase& test : kTyingCases) {
    types.insert(ReadGoldenModel(test.golden).config.at("model_type").get<std::string>());
  }
  for (const Family* family : Families()) {
    if (family->decoder == nullptr) continue;
    EXPECT_TRUE(types.contains(std::string(family->hugging_face_type))) << family->name;
  }
}

TEST_F(TyingTest, AnOutputThatIsMissingIsRefusedUnlessItIsTied) {
  for (const auto& [name, ties] : kTyingCases) {
    golden_ = ReadGoldenModel(name);
    golden_.tied = true;
    golden_.config["tie_word_embeddings"] = false;
    Expect({}, false, "false");
    golden_.config["tie_word_embeddings"] = true;
    Expect({}, true, "true");
    golden_.config.erase("tie_word_embeddings");
    Expect({}, ties, "no key");
  }
}

// safetensors.torch.save_model keeps one of two names of a tensor, either one.
TEST_F(TyingTest, AnAliasOfTheEmbeddingIsTheOutputWhateverTheConfigurationSays) {
  for (const auto& [name, ties] : kTyingCases) {
    golden_ = ReadGoldenModel(name);
    for (const bool says_tied : {true, false}) {
      golden_.config["tie_word_embeddings"] = says_tied;
      golden_.tied = true;
      Expect({.aliases = {{"lm_head.weight", "model.embed_tokens.weight"}}}, true, "lm_head");
      GoldenForm other;
      other.aliases = {{"model.embed_tokens.weight", "lm_head.weight"}};
      golden_.tied = false;  // so that it is written
      const Result<Model> model = Open(other);
      ASSERT_TRUE(model.ok()) << name << ": " << model.error().message();
      EXPECT_TRUE(model->info().tied_output) << name;
    }
  }
}

TEST_F(TyingTest, AnOutputOfItsOwnStaysSoWhereTheConfigurationSaysTied) {
  golden_ = ReadGoldenModel("llama");
  golden_.config["tie_word_embeddings"] = true;
  EXPECT_FALSE(Open()->info().tied_output);
}

}  // namespace
}  // namespace tare
