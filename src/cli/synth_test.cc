#include "tools/synth/synth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/testing/temp_folder.h"
#include "tare/generate.h"
#include "tools/convert/convert.h"

namespace tare {
namespace {

constexpr size_t kVocabulary = 300;

// For the logits of the first new token; log-probabilities equal logits up to a constant.
double Deviation(const GenerateResult& result) {
  double sum = 0.0;
  double squares = 0.0;
  const auto& all = result.log_probabilities.front().likeliest;
  for (const TokenLogProbability& token : all) {
    sum += token.log_probability;
    squares += token.log_probability * token.log_probability;
  }
  const double mean = sum / static_cast<double>(all.size());
  return std::sqrt(squares / static_cast<double>(all.size()) - mean * mean);
}

class SynthesizedModelTest : public testing::TestWithParam<const char*> {};

TEST_P(SynthesizedModelTest, SaysVariedThings) {
  const TempFolder folder;
  for (uint64_t seed = 0; seed < 3; ++seed) {
    SynthOptions options;
    options.seed = seed;
    options.old = OldFolder::kReplace;
    const auto shape = ParseSynthShape(GetParam());
    ASSERT_TRUE(shape.ok()) << shape.error().message();
    const Status made = SynthesizeModel(*shape, folder.File("out"), options);
    ASSERT_TRUE(made.ok()) << made.error().message();
    auto engine = Engine::Load(folder.File("out"), {.threads = 1, .max_context = 64, .passes = ""});
    ASSERT_TRUE(engine.ok()) << engine.error().message();
    GenerateOptions generate;
    generate.new_tokens = 40;
    generate.ignore_eos = true;
    generate.log_probabilities = kVocabulary;
    const auto result = engine->Generate(engine->Encode("The master asked").value(), generate);
    ASSERT_TRUE(result.ok()) << result.error().message();
    EXPECT_GE(std::set(result->ids.begin(), result->ids.end()).size(), 4u) << result->text;
    const double deviation = Deviation(*result);
    EXPECT_GT(deviation, 1.0);
    EXPECT_LT(deviation, 4.0);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, SynthesizedModelTest,
    testing::Values("gpt2:layers=1,heads=2,width=32,vocabulary=300",
                    "gpt2:layers=3,heads=6,width=90,vocabulary=300",
                    "gpt2:layers=24,heads=2,width=32,vocabulary=300",
                    "gpt2:layers=2,heads=8,width=512,vocabulary=300",
                    "llama3:layers=1,vocabulary=300", "llama3:layers=20,vocabulary=300,tied=true",
                    "llama3:layers=2,heads=6,kv_heads=3,width=96,vocabulary=300,rope_factor=1",
                    "granite:vocabulary=300", "granite:layers=20,vocabulary=300,tied=true",
                    "granite:layers=3,heads=6,width=96,vocabulary=300,attention_multiplier=0.7,"
                    "embedding_multiplier=0.3,residual_multiplier=1.5,logits_scaling=0.5",
                    "qwen3moe:vocabulary=300", "qwen3moe:layers=20,vocabulary=300,tied=true",
                    "qwen3moe:layers=2,heads=6,kv_heads=3,width=96,head_size=20,experts=7,"
                    "experts_used=5,expert_inner=44,vocabulary=300"));

class HuggingFaceModelTest : public testing::TestWithParam<const char*> {};

TEST_P(HuggingFaceModelTest, SaysTheSameAsGguf) {
  const auto said = [](const std::string& path) {
    auto engine = Engine::Load(path, {.threads = 1, .max_context = 64, .passes = ""});
    EXPECT_TRUE(engine.ok()) << engine.error().message();
    if (!engine.ok()) return std::vector<int32_t>();
    GenerateOptions generate;
    generate.new_tokens = 24;
    generate.ignore_eos = true;
    const auto result = engine->Generate(engine->Encode("The master asked").value(), generate);
    EXPECT_TRUE(result.ok()) << result.error().message();
    return result.ok() ? result->ids : std::vector<int32_t>();
  };
  const TempFolder folder;
  const auto shape = ParseSynthShape(GetParam());
  ASSERT_TRUE(shape.ok()) << shape.error().message();
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16}) {
    const std::string name(DTypeName(dtype));
    SynthOptions options;
    options.dtype = dtype;
    const Status made = SynthesizeModel(*shape, folder.File(name), options);
    ASSERT_TRUE(made.ok()) << made.error().message();
    const auto summary = ConvertModel(folder.File(name), folder.File(name + ".gguf"), {});
    ASSERT_TRUE(summary.ok()) << summary.error().message();
    EXPECT_EQ(summary->rounding.changed, 0u);
    const std::vector<int32_t> ids = said(folder.File(name));
    EXPECT_EQ(ids.size(), 24u);
    EXPECT_EQ(said(folder.File(name + ".gguf")), ids) << name;
  }
}

INSTANTIATE_TEST_SUITE_P(Shapes, HuggingFaceModelTest,
                         testing::Values("granite-tiny", "granite-tiny-tied", "qwen3moe-tiny",
                                         "qwen3moe-tiny-tied"));

}  // namespace
}  // namespace tare
