// A family outside src/ is read, run, converted, described and synthesised like the built-in ones:
// a family needs only a folder and a line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/testing/temp_folder.h"
#include "describe/model_file.h"
#include "models/families_json.h"
#include "tare/generate.h"
#include "tools/convert/convert.h"
#include "tools/inspect/inspect.h"
#include "tools/synth/synth.h"
#include "toy.h"

namespace tare {
namespace {

using testing::HasSubstr;

constexpr char kToySpelling[] =
    "toy:layers=3,heads=6,kv_heads=3,width=96,inner=130,vocabulary=401,context=48";

class ToyFamilyTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto shape = ParseSynthShape(kToySpelling);
    ASSERT_TRUE(shape.ok()) << shape.error().message();
    SynthOptions options;
    options.seed = 3;
    const Status written = SynthesizeModel(*shape, preset_, options);
    ASSERT_TRUE(written.ok()) << written.error().message();
  }

  std::string Convert(const std::string& in, const std::string& name, ModelFormat to) {
    const auto summary = ConvertModel(in, folder_.File(name), {.to = to});
    EXPECT_TRUE(summary.ok()) << summary.error().message();
    if (summary.ok()) {
      EXPECT_EQ(summary->family, "toy");
      EXPECT_EQ(summary->rounding.changed, 0u) << name;
    }
    return folder_.File(name);
  }

  static std::vector<int32_t> Generate(const std::string& path) {
    EngineOptions threads;
    threads.threads = 2;
    auto engine = Engine::Load(path, threads);
    EXPECT_TRUE(engine.ok()) << engine.error().message();
    if (!engine.ok()) return {};
    GenerateOptions options;
    options.new_tokens = 16;
    options.ignore_eos = true;
    const std::vector<int32_t> prompt = {5, 300, 17, 44, 290, 8};
    const auto result = engine->Generate(prompt, options);
    EXPECT_TRUE(result.ok()) << result.error().message();
    return result.ok() ? result->ids : std::vector<int32_t>();
  }

  const TempFolder folder_;
  const std::string preset_ = folder_.File("preset");
};

TEST_F(ToyFamilyTest, GeneratesTheSameFromEveryFormIntoEveryForm) {
  const std::vector<int32_t> tokens = Generate(preset_);
  ASSERT_EQ(tokens.size(), 16u);
  const std::map<ModelFormat, std::string> suffixes = {{ModelFormat::kKeras, "-keras"},
                                                       {ModelFormat::kHuggingFace, "-hf"},
                                                       {ModelFormat::kGguf, ".gguf"}};
  std::vector<std::string> sources = {preset_};
  for (const auto& [format, suffix] : suffixes) {
    sources.push_back(Convert(preset_, "first" + suffix, format));
    EXPECT_EQ(Generate(sources.back()), tokens) << sources.back();
  }
  for (size_t i = 1; i < sources.size(); ++i) {
    for (const auto& [format, suffix] : suffixes) {
      const std::string name = "second-" + std::to_string(i) + suffix;
      EXPECT_EQ(Generate(Convert(sources[i], name, format)), tokens) << name;
    }
  }
}

TEST_F(ToyFamilyTest, InspectAndDescribeTellTheSameInEveryForm) {
  const std::string gguf = Convert(preset_, "model.gguf", ModelFormat::kGguf);
  const std::string hf = Convert(preset_, "hf", ModelFormat::kHuggingFace);
  const uint64_t parameters = CountParameters(*ParseSynthShape(kToySpelling));
  for (const auto& [path, architecture] :
       std::map<std::string, std::string>{{preset_, "ToyBackbone"}, {hf, "toy"}, {gguf, "toy"}}) {
    const auto inspection = InspectModel(path);
    ASSERT_TRUE(inspection.ok()) << inspection.error().message();
    ASSERT_TRUE(inspection->model.has_value()) << inspection->refusal;
    EXPECT_EQ(inspection->model->family, "toy");
    EXPECT_EQ(inspection->model->kv_heads, 3u);
    EXPECT_FALSE(inspection->model->tied_output);
    EXPECT_LT(inspection->model->bytes_per_token, inspection->model->weights_bytes);
    EXPECT_THAT(InspectionToText(*inspection, false), HasSubstr("family       toy\n"));
    const auto header = DescribeModel(path);
    ASSERT_TRUE(header.ok()) << header.error().message();
    EXPECT_EQ(header->architecture, architecture);
    EXPECT_EQ(header->parameters, parameters);
    EXPECT_EQ(header->vocabulary, 401u) << path;
    EXPECT_EQ(header->max_context, 48u) << path;
  }
}

TEST_F(ToyFamilyTest, IsQuantisedAndRun) {
  const auto summary =
      ConvertModel(preset_, folder_.File("q8.gguf"), {.type = FindTypeMix("q8_0")});
  ASSERT_TRUE(summary.ok()) << summary.error().message();
  EXPECT_EQ(Generate(folder_.File("q8.gguf")).size(), 16u);
}

TEST(ToyFamilyMessagesTest, NameItAmongTheOthers) {
  EXPECT_THAT(ListSynthShapes(), HasSubstr("toy-tiny"));
  EXPECT_THAT(SynthSpellings(), HasSubstr("toy)"));
  EXPECT_THAT(SynthShapeKeys(), HasSubstr("for toy also kv_heads"));
  const auto shape = ParseSynthShape("toi:layers=2");
  ASSERT_FALSE(shape.ok());
  EXPECT_THAT(shape.error().message(), HasSubstr("did you mean toy?"));
}

TEST(ToyFamilyMessagesTest, WorkersGetItsNames) {
  const auto families = nlohmann::json::parse(FamiliesJson(), nullptr, false);
  ASSERT_TRUE(families.contains("toy"));
  EXPECT_EQ(families["toy"]["parts"]["query"]["name"], "query");
  EXPECT_EQ(families["toy"]["parts"]["query"]["bias"], true);
  EXPECT_EQ(families["toy"]["rotates"], false);
}

}  // namespace
}  // namespace tare
