#include "bench/rows/row_models.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// Stands in for `tare convert` and an engine's script; records its arguments.
Command Noting() { return {"/bin/sh", {"sh", "-c", "echo \"$@\" >> \"$2\"", "sh"}, {}}; }

std::string TextOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

class RowModelsTest : public ::testing::Test {
 protected:
  RowModelsTest() : interrupt_(std::move(InterruptWatch::Start()).value()) {
    own_.path = "m";
    own_.form = "keras";
    own_.precision = "f32";
    own_.content_id = "id:1";
    own_.prompts = {{"Hello", {1, 2}}};
  }

  // Derives facts from the file's name. All files read a prompt as the same ids.
  Result<ModelFacts> Describe(const std::string& path) {
    ModelFacts facts = own_;
    facts.path = path;
    facts.form = path.ends_with(".gguf") ? "gguf" : "safetensors";
    facts.precision = path.ends_with("-q8_0.gguf") ? "q8_0" : "f32";
    if (!misread_.empty()) facts.prompts = {{"Hello", misread_}};
    return facts;
  }

  RowModels Models() {
    return {Noting(), folder_.path() + "/cache",
            [this](const std::string& path, const Workload&) { return Describe(path); },
            interrupt_};
  }

  static Contender Row(std::vector<std::string> forms, std::vector<std::string> precisions = {}) {
    return {"row", Noting(), std::move(forms), std::move(precisions)};
  }

  static Scenario At(const std::string& precision) {
    return {.model = "m", .workload = {}, .precision = precision};
  }

  const TempFolder folder_;
  InterruptWatch interrupt_;
  ModelFacts own_;
  std::vector<uint32_t> misread_;  // ids that made models give the prompt; empty: the same
};

TEST_F(RowModelsTest, ARowThatReadsTheModelIsGivenIt) {
  const auto made = Models().For(Row({"gguf", "keras"}), At(""), own_, own_, {});
  EXPECT_FALSE(made);
}

TEST_F(RowModelsTest, AModelOfThePrecisionAskedForIsLeftAsItIs) {
  const auto facts = Models().AtPrecision(At("f32"), own_);
  ASSERT_TRUE(facts.ok());
  EXPECT_EQ(facts->path, "m");
}

TEST_F(RowModelsTest, AnotherPrecisionIsMadeOnceForAllRowsThatReadGguf) {
  for (int i = 0; i < 2; ++i) {
    const auto facts = Models().AtPrecision(At("int8"), own_);
    ASSERT_TRUE(facts.ok()) << facts.error().message();
    EXPECT_THAT(facts->path, EndsWith("/cache/id-1-q8_0.gguf"));
    EXPECT_EQ(TextOf(facts->path), "m " + facts->path + " --to gguf --type q8_0\n");
    const auto made = Models().For(Row({"gguf", "keras"}), At("int8"), own_, *facts, {});
    ASSERT_TRUE(made);
    EXPECT_EQ(made->path, facts->path);
    EXPECT_EQ(made->facts.precision, "q8_0");
  }
}

TEST_F(RowModelsTest, ARowThatIsToldItsPrecisionReadsTheModelItself) {
  const auto facts = Models().AtPrecision(At("bf16"), own_);
  ASSERT_TRUE(facts.ok());
  EXPECT_FALSE(Models().For(Row({"keras"}, {"f32", "bf16"}), At("bf16"), own_, *facts, {}));
  const auto halved = Models().For(Row({"safetensors"}, {"bf16"}), At("bf16"), own_, *facts, {});
  ASSERT_TRUE(halved);
  EXPECT_THAT(TextOf(halved->path), EndsWith("--to hf --type bf16\n"));
}

TEST_F(RowModelsTest, AnEnginesOwnFilesAreMadeOfTheFormThatItsScriptReads) {
  Contender row = Row({"safetensors"}, {"int8"});
  row.preparer = Contender::Preparer{Noting(), "abc"};
  const auto made = Models().For(row, At("int8"), own_, own_, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->error, "");
  EXPECT_THAT(made->path, EndsWith("/cache/id-1-row-int8-abc"));
  EXPECT_EQ(TextOf(made->path),
            folder_.path() + "/cache/id-1-safetensors " + made->path + " --precision int8\n");
  EXPECT_EQ(made->facts.form, "safetensors");
  row.preparer->id = "other packages";
  EXPECT_NE(Models().For(row, At("int8"), own_, own_, {})->path, made->path);
}

TEST_F(RowModelsTest, AnEngineThatRefusesTheModelSaysWhy) {
  Contender row = Row({"keras"});
  row.preparer = Contender::Preparer{
      {"/bin/sh", {"sh", "-c", "echo too odd a shape; exit 1", "sh"}, {}}, "abc"};
  const auto made = Models().For(row, At(""), own_, own_, {});
  ASSERT_TRUE(made);
  EXPECT_THAT(made->error, HasSubstr("too odd a shape"));
}

TEST_F(RowModelsTest, OtherIdsOfAPromptAreAnError) {
  misread_ = {3};
  const auto made = Models().For(Row({"safetensors"}), At(""), own_, own_, {});
  ASSERT_TRUE(made);
  EXPECT_THAT(made->error, HasSubstr("differently"));
  EXPECT_THAT(Models().AtPrecision(At("int4"), own_),
              FailsWith(ErrorCode::kInvalidInput, "tokenizes the prompts differently"));
}

TEST_F(RowModelsTest, ATokenThatBeginsEveryPromptLeavesIdsAlone) {
  misread_ = {7};
  const std::vector<uint32_t>& plain = own_.prompts.front().ids;
  misread_.insert(misread_.end(), plain.begin(), plain.end());
  const auto made = Models().For(Row({"safetensors"}), At(""), own_, own_, {});
  ASSERT_TRUE(made);
  EXPECT_EQ(made->error, "");
  EXPECT_TRUE(made->prompts_as_ids);
  misread_.clear();
  EXPECT_FALSE(Models().For(Row({"safetensors"}), At(""), own_, own_, {})->prompts_as_ids);
}

TEST(ContenderTest, APrecisionIsOfferedByTheFileOrByTheWorker) {
  const Contender native{"native", Noting(), {"gguf", "keras"}};
  const Contender keras{"keras", Noting(), {"keras"}, {"f32", "bf16"}};
  EXPECT_TRUE(native.TakesPrecision("int4"));
  EXPECT_TRUE(keras.TakesPrecision("bf16"));
  EXPECT_TRUE(keras.TakesPrecision(""));
  EXPECT_FALSE(keras.TakesPrecision("int4"));
}

TEST(ContenderTest, ARowThatPreparesItsModelCanBeFoundOnlyInstalled) {
  const Contender row = ContenderOf(**FindBackend("ctranslate2"));
  EXPECT_EQ(row.command.ok(), row.preparer.has_value());
  EXPECT_FALSE(row.Reads("gguf"));
  EXPECT_FALSE(ContenderOf(**FindBackend("native")).preparer.has_value());
}

}  // namespace
}  // namespace tare
