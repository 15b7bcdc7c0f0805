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
#include "models/model.h"
#include "models/tokenizers/load_tokenizer.h"
#include "tensor/half.h"
#include "tools/synth/synth_weights.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

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
  return SynthesizeModel(shape, folder, options);
}

RandomValues Random(uint64_t seed, std::string_view name, Spread spread,
                    DType dtype = DType::kF32) {
  return RandomValues(seed, name, dtype, spread);
}

std::vector<float> Values(const RandomValues& random, uint64_t first, size_t count) {
  std::vector<float> values(count);
  random.Fill(first, std::as_writable_bytes(std::span(values)));
  return values;
}

TEST(RandomValuesTest, AreTheSameOnEveryMachineAndInEveryPiece) {
  const RandomValues random = Random(7, "layers/a/vars/0", {1.0f, 0.5f});
  const std::vector<float> whole = Values(random, 0, 1000);
  std::vector<float> pieces = Values(random, 0, 333);
  for (const float value : Values(random, 333, 667)) pieces.push_back(value);
  EXPECT_EQ(pieces, whole);
  EXPECT_THAT(Values(random, 0, 3), ElementsAre(0.932764649f, 0.556561112f, 0.950313509f));
  EXPECT_NE(Values(Random(8, "layers/a/vars/0", {1.0f, 0.5f}), 0, 1000), whole);
  EXPECT_NE(Values(Random(7, "layers/a/vars/1", {1.0f, 0.5f}), 0, 1000), whole);
}

TEST(RandomValuesTest, AreSpreadAsAskedFor) {
  constexpr size_t kCount = 200000;
  double sum = 0.0;
  double squares = 0.0;
  for (const float value : Values(Random(1, "x", {1.0f, 0.5f}), 0, kCount)) {
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
  const std::vector<float> wide = Values(Random(1, "x", spread), 5, 500);
  std::vector<uint16_t> halves(500);
  Random(1, "x", spread, DType::kF16).Fill(5, std::as_writable_bytes(std::span(halves)));
  for (size_t i = 0; i < halves.size(); ++i) EXPECT_EQ(halves[i], FloatToFloat16(wide[i]));
  Random(1, "x", spread, DType::kBF16).Fill(5, std::as_writable_bytes(std::span(halves)));
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

struct LargeShape {
  const char* spelling;
  const char* weights;  // the file
};

class SynthMemoryTest : public testing::TestWithParam<LargeShape> {};

TEST_P(SynthMemoryTest, IsBounded) {
  constexpr size_t kLimitKib = kSanitized ? 160 << 10 : 32 << 10;
  const auto peak_kib = [] {
    rusage usage = {};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<size_t>(usage.ru_maxrss);
  };
  const TempFolder folder;
  const size_t before = peak_kib();
  ASSERT_TRUE(Synthesize(GetParam().spelling, folder.File("out")).ok());
  EXPECT_GT(std::filesystem::file_size(folder.File("out/") + GetParam().weights), 200u << 20);
  EXPECT_LT(peak_kib() - before, kLimitKib);
}

// 200 MiB of weights and more.
INSTANTIATE_TEST_SUITE_P(
    Formats, SynthMemoryTest,
    testing::Values(
        LargeShape{"gpt2:layers=16,heads=8,width=512,vocabulary=4000", "model.weights.h5"},
        LargeShape{"qwen3moe:layers=16,heads=8,width=256,vocabulary=4000", "model.safetensors"}));

std::string OddGranite(DType dtype, const std::string& folder) {
  SynthOptions options;
  options.dtype = dtype;
  const Status made = Synthesize(
      "granite:layers=3,heads=6,kv_heads=3,width=90,head_size=14,vocabulary=997,context=64", folder,
      options);
  EXPECT_TRUE(made.ok()) << made.error().message();
  return folder;
}

class HuggingFaceSynthTest : public testing::TestWithParam<const char*> {};

TEST_P(HuggingFaceSynthTest, SameSeedSameBytesOtherSeedOthers) {
  const TempFolder folder;
  ASSERT_TRUE(Synthesize(GetParam(), folder.File("a")).ok());
  ASSERT_TRUE(Synthesize(GetParam(), folder.File("b")).ok());
  SynthOptions options;
  options.seed = 1;
  ASSERT_TRUE(Synthesize(GetParam(), folder.File("c"), options).ok());
  EXPECT_EQ(AllBytes(folder.File("a")), AllBytes(folder.File("b")));
  EXPECT_NE(ReadFile(folder.File("a/model.safetensors")),
            ReadFile(folder.File("c/model.safetensors")));
  EXPECT_EQ(ReadFile(folder.File("a/tokenizer.json")), ReadFile(folder.File("c/tokenizer.json")));
}

TEST_P(HuggingFaceSynthTest, IsReadWhereItLiesAndNoWeightIsZero) {
  const TempFolder folder;
  ASSERT_TRUE(Synthesize(GetParam(), folder.File("out")).ok());
  const auto model = Model::Open(folder.File("out"));
  ASSERT_TRUE(model.ok()) << model.error().message();
  EXPECT_EQ(model->format(), ModelFormat::kHuggingFace);
  EXPECT_THAT(model->notes(), IsEmpty());
  const auto shape = ParseSynthShape(GetParam());
  EXPECT_EQ(model->info().tied_output, shape->backbone.tied);
  EXPECT_EQ(model->info().parameters, CountParameters(*shape));
  EXPECT_EQ(model->tensors().tensors.size(), SynthTensors(*shape).size());
  for (const NamedTensor& tensor : model->tensors().tensors) {
    float size = 0.0f;
    const auto* values = reinterpret_cast<const float*>(tensor.view.data);
    for (size_t i = 0; i < tensor.view.shape.elements(); ++i) size += std::abs(values[i]);
    EXPECT_GT(size, 0.0f) << tensor.name;
  }
}

TEST_P(HuggingFaceSynthTest, TokenizerFitsTheModelAndKeepsAnyText) {
  const TempFolder folder;
  ASSERT_TRUE(Synthesize(GetParam(), folder.File("out")).ok());
  const auto tokenizer = LoadTokenizer(folder.File("out"));
  ASSERT_TRUE(tokenizer.ok()) << tokenizer.error().message();
  const auto shape = ParseSynthShape(GetParam());
  EXPECT_EQ(static_cast<size_t>(tokenizer->vocabulary_size()),
            shape->backbone.model->sizes().vocabulary);
  ASSERT_TRUE(tokenizer->eos_id().has_value());
  EXPECT_EQ(tokenizer->TokenText(*tokenizer->eos_id()), "<|endoftext|>");
  EXPECT_EQ(tokenizer->pre_tokenizer(),
            FindPreTokenizer(shape->backbone.model->family().pre_tokenizer)->split);
  const std::string text = "The weigh house,\n\n\t12.5 x ü 🙂";
  const auto ids = tokenizer->Encode(text);
  ASSERT_TRUE(ids.ok());
  EXPECT_LT(ids->size(), text.size());
  EXPECT_EQ(tokenizer->Decode(*ids).value(), text);
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, HuggingFaceSynthTest,
    testing::Values("granite-tiny", "granite-tiny-tied", "qwen3moe-tiny",
                    "qwen3moe:layers=3,heads=6,kv_heads=3,width=90,head_size=14,experts=7,"
                    "experts_used=3,expert_inner=35,vocabulary=997,context=64,tied=true"));

TEST(HuggingFaceFolderTest, EachTypeHoldsTheSameValuesRounded) {
  const TempFolder folder;
  const auto wide = Model::Open(OddGranite(DType::kF32, folder.File("f32")));
  ASSERT_TRUE(wide.ok()) << wide.error().message();
  for (const DType dtype : {DType::kF16, DType::kBF16}) {
    const auto narrow = Model::Open(OddGranite(dtype, folder.File(std::string(DTypeName(dtype)))));
    ASSERT_TRUE(narrow.ok()) << narrow.error().message();
    for (const NamedTensor& tensor : wide->tensors().tensors) {
      const NamedTensor* const halves = narrow->tensors().Find(tensor.name);
      ASSERT_NE(halves, nullptr) << tensor.name;
      ASSERT_EQ(halves->view.dtype, dtype);
      const auto* values = reinterpret_cast<const float*>(tensor.view.data);
      const auto* rounded = reinterpret_cast<const uint16_t*>(halves->view.data);
      for (size_t i = 0; i < tensor.view.shape.elements(); ++i) {
        ASSERT_EQ(rounded[i],
                  dtype == DType::kF16 ? FloatToFloat16(values[i]) : FloatToBFloat16(values[i]));
      }
    }
  }
}

TEST(HuggingFaceFolderTest, AnOlderFolderIsReplacedOnlyWhereAskedFor) {
  const TempFolder folder;
  ASSERT_TRUE(Synthesize("granite-tiny", folder.File("out")).ok());
  const std::string old = AllBytes(folder.File("out"));
  const Status kept = Synthesize("qwen3moe-tiny", folder.File("out"));
  ASSERT_FALSE(kept.ok());
  EXPECT_THAT(kept.error().message(), HasSubstr("--force"));
  EXPECT_EQ(AllBytes(folder.File("out")), old);
  SynthOptions options;
  options.old = OldFolder::kReplace;
  ASSERT_TRUE(Synthesize("qwen3moe-tiny", folder.File("out"), options).ok());
  EXPECT_THAT(ReadFile(folder.File("out/config.json")), HasSubstr("Qwen3MoeForCausalLM"));
  EXPECT_THAT(folder.Names(), ElementsAre("out"));
}

TEST(HuggingFaceFolderTest, TakesAVocabularyOfItsSize) {
  const TempFolder folder;
  ASSERT_TRUE(Synthesize("gpt2:vocabulary=300", folder.File("gpt2")).ok());
  SynthOptions options;
  options.vocabulary = folder.File("gpt2/assets/tokenizer");
  ASSERT_TRUE(Synthesize("granite:vocabulary=300", folder.File("out"), options).ok());
  const auto given = LoadTokenizer(folder.File("gpt2"));
  const auto taken = LoadTokenizer(folder.File("out"));
  ASSERT_TRUE(given.ok() && taken.ok());
  for (int32_t id = 0; id < 300; ++id) EXPECT_EQ(taken->TokenText(id), given->TokenText(id));
  const Status other = Synthesize("granite:vocabulary=301", folder.File("other"), options);
  ASSERT_FALSE(other.ok());
  EXPECT_THAT(other.error().message(), HasSubstr("the shape's vocabulary is 301"));
}

class FullDiskTest : public testing::TestWithParam<const char*> {};

TEST_P(FullDiskTest, NothingRemains) {
  const TempFolder folder;
  rlimit old = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit small = {1 << 20, old.rlim_max};
  const auto previous = signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status status = Synthesize(GetParam(), folder.File("out"));
  setrlimit(RLIMIT_FSIZE, &old);
  signal(SIGXFSZ, previous);
  ASSERT_FALSE(status.ok());
  EXPECT_THAT(status.error().message(), HasSubstr("raise the limit with ulimit -f"));
  EXPECT_THAT(folder.Names(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Formats, FullDiskTest,
                         testing::Values("gpt2:layers=8", "granite:layers=8"));

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

TEST(SynthShapesTest, ExpertsAndMultipliers) {
  const auto mixture = ParseSynthShape("qwen3moe:inner=90,experts=7,experts_used=3");
  ASSERT_TRUE(mixture.ok()) << mixture.error().message();
  EXPECT_EQ(SpecOf(*mixture).sizes.experts, 7u);
  EXPECT_EQ(SpecOf(*mixture).sizes.experts_used, 3u);
  EXPECT_EQ(SpecOf(*mixture).sizes.expert_width, 30u);
  EXPECT_EQ(SpecOf(*ParseSynthShape("qwen3moe:expert_inner=44")).sizes.expert_width, 44u);
  const auto granite = ParseSynthShape(
      "granite:attention_multiplier=0.5,embedding_multiplier=3,residual_multiplier=0.25,"
      "logits_scaling=4,tied=true");
  ASSERT_TRUE(granite.ok()) << granite.error().message();
  const DecoderSpec& spec = SpecOf(*granite);
  EXPECT_EQ(spec.attention_scale, 0.5f);
  EXPECT_EQ(spec.embedding_scale, 3.0f);
  EXPECT_EQ(spec.residual_scale, 0.25f);
  EXPECT_EQ(spec.logit_scale, 0.25f);
  EXPECT_TRUE(granite->backbone.tied);
}

TEST(SynthShapesTest, TheListAndTheHelpSayWhichFormat) {
  const std::string list = ListSynthShapes();
  const auto line_of = [&](const std::string& name) {
    const size_t begin = list.find(name + " ");
    return begin == std::string::npos ? "" : list.substr(begin, list.find('\n', begin) - begin);
  };
  EXPECT_THAT(line_of("gpt2_medium_en"), EndsWith("  KerasHub"));
  EXPECT_THAT(line_of("granite-tiny"), EndsWith("  Hugging Face"));
  EXPECT_THAT(line_of("qwen3moe-tiny-tied"), EndsWith("  Hugging Face"));
  EXPECT_THAT(SynthFormats(), HasSubstr("granite"));
  EXPECT_THAT(SynthFormats(), Not(HasSubstr("llama3")));
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
  EXPECT_THAT(message("llama3:experts=4"), HasSubstr("no setting \"experts\""));
  EXPECT_THAT(message("qwen3moe:experts_used=9"), HasSubstr("a token uses 9 experts of 8"));
  EXPECT_THAT(message("granite:logits_scaling=0"), HasSubstr("above 0"));
}

}  // namespace
}  // namespace tare
