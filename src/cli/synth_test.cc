#include "tools/synth/synth.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/testing/temp_folder.h"
#include "tare/generate.h"

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
    const Status made = SynthesizePreset(*shape, folder.File("out"), options);
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
                    "llama3:layers=2,heads=6,kv_heads=3,width=96,vocabulary=300,rope_factor=1"));

}  // namespace
}  // namespace tare
