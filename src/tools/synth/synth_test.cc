#include "tools/synth/synth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/testing/temp_folder.h"
#include "format/hdf5/keras_weights.h"
#include "models/decoder/decoder_model.h"
#include "models/families/llama/llama.h"
#include "tensor/half.h"
#include "tools/synth/synth_weights.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A sanitizer keeps memory of its own beside what it watches.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

constexpr char kOddGpt2[] = "gpt2:layers=3,heads=6,width=90,vocabulary=997,context=64";

std::string ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string AllBytes(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  std::string bytes;
  for (const std::string& path : paths) bytes += path.substr(folder.size()) + "\n" + ReadFile(path);
  return bytes;
}

Status Synthesize(std::string_view spelling, const std::string& folder,
                  const SynthOptions& options = {}) {
  TARE_ASSIGN_OR_RETURN(const SynthShape shape, ParseSynthShape(spelling));
  return SynthesizePreset(shape, folder, options);
}

KerasVariableSpec Variable(std::string name, DType dtype = DType::kF32) {
  return {std::move(name), Shape{1}, dtype, ModelPart::kQuery, false, 0};
}

std::vector<float> Values(const RandomValues& random, uint64_t first, size_t count) {
  std::vector<float> values(count);
  random.Fill(first, std::as_writable_bytes(std::span(values)));
  return values;
}

TEST(RandomValuesTest, AreTheSameOnEveryMachineAndInEveryPiece) {
  const RandomValues random(7, Variable("layers/a/vars/0"), {1.0f, 0.5f});
  const std::vector<float> whole = Values(random, 0, 1000);
  std::vector<float> pieces = Values(random, 0, 333);
  for (const float value : Values(random, 333, 667)) pieces.push_back(value);
  EXPECT_EQ(pieces, whole);
  EXPECT_THAT(Values(random, 0, 3), ElementsAre(0.932764649f, 0.556561112f, 0.950313509f));
  EXPECT_NE(Values(RandomValues(8, Variable("layers/a/vars/0"), {1.0f, 0.5f}), 0, 1000), whole);
  EXPECT_NE(Values(RandomValues(7, Variable("layers/a/vars/1"), {1.0f, 0.5f}), 0, 1000), whole);
}

TEST(RandomValuesTest, AreSpreadAsAskedFor) {
  constexpr size_t kCount = 200000;
  double sum = 0.0;
  double squares = 0.0;
  for (const float value : Values(RandomValues(1, Variable("x"), {1.0f, 0.5f}), 0, kCount)) {
    sum += value - 1.0;
    squares += (value - 1.0) * (value - 1.0);
    ASSERT_LE(std::abs(value - 1.0f), 0.5f * 3.5f);
  }
  // Five standard errors: 0.5 / sqrt(n) of the mean; of the variance, at most sqrt(2 / n).
  EXPECT_NEAR(sum / kCount, 0.0, 5 * 0.5 / std::sqrt(kCount));
  EXPECT_NEAR(squares / kCount / 0.25, 1.0, 5 * std::sqrt(2.0 / kCount));
}

TEST(RandomValuesTest, HalvesAreTheSameValuesRounded) {
  const Spread spread = {0.0f, 0.02f};
  const std::vector<float> wide = Values(RandomValues(1, Variable("x"), spread), 5, 500);
  std::vector<uint16_t> halves(500);
  RandomValues(1, Variable("x", DType::kF16), spread)
      .Fill(5, std::as_writable_bytes(std::span(halves)));
  for (size_t i = 0; i < halves.size(); ++i) EXPECT_EQ(halves[i], FloatToFloat16(wide[i]));
  RandomValues(1, Variable("x", DType::kBF16), spread)
      .Fill(5, std::as_writable_bytes(std::span(halves)));
  for (size_t i = 0; i < halves.size(); ++i) EXPECT_EQ(halves[i], FloatToBFloat16(wide[i]));
}

TEST(SynthTest, SameSeedSameBytesOtherSeedOthers) {
  const TempFolder folder;
  ASSERT_TRUE(Synthesize(kOddGpt2, folder.File("a")).ok());
  ASSERT_TRUE(Synthesize(kOddGpt2, folder.File("b")).ok());
  SynthOptions options;
  options.seed = 1;
  ASSERT_TRUE(Synthesize(kOddGpt2, folder.File("c"), options).ok());
  EXPECT_EQ(AllBytes(folder.File("a")), AllBytes(folder.File("b")));
  EXPECT_NE(ReadFile(folder.File("a/model.weights.h5")),
            ReadFile(folder.File("c/model.weights.h5")));
}

TEST(SynthTest, WeightsAreReadWhereTheyLieAndNoneIsZero) {
  const TempFolder folder;
  ASSERT_TRUE(Synthesize("llama3:layers=1,tied=true,vocabulary=300", folder.File("out")).ok());
  const auto weights = KerasWeights::Open(folder.File("out/model.weights.h5"));
  ASSERT_TRUE(weights.ok()) << weights.error().message();
  EXPECT_THAT(weights->notes(), IsEmpty());
  EXPECT_EQ(weights->tensors().tensors.size(), 11u);
  for (const NamedTensor& tensor : weights->tensors().tensors) {
    float size = 0.0f;
    const auto* values = reinterpret_cast<const float*>(tensor.view.data);
    for (size_t i = 0; i < tensor.view.shape.elements(); ++i) size += std::abs(values[i]);
    EXPECT_GT(size, 0.0f) << tensor.name;
  }
}

TEST(SynthTest, StaysInBoundedMemory) {
  constexpr size_t kLimitKib = kSanitized ? 160 << 10 : 32 << 10;
  const auto peak_kib = [] {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<size_t>(usage.ru_maxrss);
  };
  const TempFolder folder;
  const size_t before = peak_kib();
  // 200 MiB of weights.
  ASSERT_TRUE(
      Synthesize("gpt2:layers=16,heads=8,width=512,vocabulary=4000", folder.File("out")).ok());
  EXPECT_GT(std::filesystem::file_size(folder.File("out/model.weights.h5")), 200u << 20);
  EXPECT_LT(peak_kib() - before, kLimitKib);
}

TEST(SynthTest, NothingRemainsWhereTheDiskIsFull) {
  const TempFolder folder;
  rlimit old = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small = {1 << 20, old.rlim_max};
  const auto previous = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status status = Synthesize("gpt2:layers=8", folder.File("out"));
  setrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, previous);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("raise the limit with ulimit -f"));
  EXPECT_THAT(folder.Names(), IsEmpty());
}

const DecoderSpec& SpecOf(const SynthShape& shape) {
  return dynamic_cast<const DecoderModel&>(*shape.backbone.model).spec();
}

TEST(SynthShapesTest, FamiliarNamesAndSpellings) {
  EXPECT_EQ(CountParameters(ParseSynthShape("gpt2_medium_en").value()), 354823168u);
  EXPECT_EQ(ParseSynthShape("gpt2-xl")->name, "gpt2_extra_large_en");
  EXPECT_EQ(CountParameters(ParseSynthShape("gpt2-xl").value()), 1557611200u);
  const auto llama = ParseSynthShape(
      "llama3:layers=3,heads=6,kv_heads=3,width=72,inner=100,vocabulary=997,context=64,"
      "rope_base=1000.5,rope_factor=4,rope_context=32,rope_scale=2,tied=true");
  ASSERT_TRUE(llama.ok()) << llama.error().message();
  const DecoderSpec& config = SpecOf(*llama);
  EXPECT_TRUE(llama->backbone.tied);
  EXPECT_EQ(config.sizes.head_size, 12u);
  EXPECT_EQ(config.sizes.kv_heads, 3u);
  EXPECT_EQ(config.ropes[0].base, 1000.5f);
  EXPECT_EQ(config.ropes[0].linear_factor, 2.0f);
  EXPECT_EQ(config.ropes[0].scaling.factor, 4.0f);
  EXPECT_EQ(config.ropes[0].scaling.original_context, 32u);
  EXPECT_EQ(llama->context(), 64u);
  const auto plain = ParseSynthShape("llama3:rope_factor=1");
  EXPECT_EQ(SpecOf(*plain).ropes[0].scaling.kind, RopeScalingKind::kNone);
}

TEST(SynthShapesTest, MistakesAreNamed) {
  const auto message = [](std::string_view text) {
    const auto shape = ParseSynthShape(text);
    return shape.ok() ? std::string("fine") : shape.error().message();
  };
  EXPECT_THAT(message("gpt5"), HasSubstr("gpt2_base_en, gpt2_medium_en"));
  EXPECT_THAT(message("gpt5:layers=1"), HasSubstr("did you mean gpt2?"));
  EXPECT_THAT(message("gpt2:heads=5"), HasSubstr("64 is not a multiple of 5 heads; try width=65"));
  EXPECT_THAT(message("gpt2:depth=5"),
              HasSubstr("no setting \"depth\"; expected one of: layers, heads"));
  EXPECT_THAT(message("gpt2:layers=0"), HasSubstr("layers=\"0\": expected a number from 1"));
  EXPECT_THAT(message("gpt2:layers=3x"), HasSubstr("layers=\"3x\""));
  EXPECT_THAT(message("gpt2:layers"), HasSubstr("not a setting such as"));
  EXPECT_THAT(message("gpt2:layers=1,layers=2"), HasSubstr("set twice"));
  EXPECT_THAT(message("llama3:kv_heads=3"), HasSubstr("cannot share 3"));
  EXPECT_THAT(message("llama3:heads=4,width=36"), HasSubstr("even"));
  EXPECT_THAT(message("llama3:rope_base=-1"), HasSubstr("above 0"));
  EXPECT_THAT(message("llama3:tied=yes"), HasSubstr("true or false"));
}

}  // namespace
}  // namespace tare
