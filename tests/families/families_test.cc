// Small models of every family, whose weights follow from their names, against logits and tokens of
// Transformers (tests/golden/make_family_logits.py): from a Hugging Face folder, and after
// conversion from GGUF and from a preset.

#include "models/families/families.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/testing/temp_folder.h"
#include "golden_model.h"
#include "models/model.h"
#include "passes/pass_manager.h"
#include "runtime/evaluator.h"
#include "runtime/executor.h"
#include "tare/generate.h"
#include "tools/convert/convert.h"

namespace tare {
namespace {

using testing::ElementsAreArray;
using testing::HasSubstr;

// What a form cannot express, by model: a part of the refusal.
const std::map<std::string, std::string> kNoGguf = {
    {"mistral", "sliding_window"},
    {"qwen2-window", "use_sliding_window"},
    {"qwen3-bias", "no place for the biases"},
    {"gemma2-scalar", "scale of attention scores"},
    {"smollm3-list", "layer 0 does not follow"},
    {"qwen3moe-dense", "no place for the biases"},  // and layers without experts
    {"qwen3moe-window", "use_sliding_window"},
};
const std::map<std::string, std::string> kNoPreset = {
    {"llama", "6 heads of size 10 make 60"},  // and biases
    {"qwen2-yarn", "only linearly"},
    {"qwen2-window", "one window for all layers"},
    {"qwen3-bias", "no biases"},
    {"gemma2-scalar", "layer_norm_epsilon"},
    {"phi3-longrope", "never the token embedding"},
    {"phi3-window", "rotates 6 of 12 elements"},
    {"granite", "no class"},
    {"granite-bias", "no class"},
    {"qwen3moe", "no class"},
    {"qwen3moe-dense", "no class"},
    {"qwen3moe-window", "no class"},
    {"smollm3-list", "is always the token embedding"},  // and biases
};

class FamilyGoldenTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const Status written = WriteGoldenModel(golden_, hugging_face_);
    ASSERT_TRUE(written.ok()) << written.error().message();
  }

  // Logits of every position, `at_once` tokens a step.
  std::vector<float> Run(const std::string& path, size_t at_once, const char* passes) const {
    const Result<Model> model = Model::Open(path);
    EXPECT_TRUE(model.ok()) << model.error().message();
    if (!model.ok()) return {};
    // What the family knows, and what names say: for each tensor of experts rounded down.
    const ModelInfo& info = model->info();
    EXPECT_NEAR(static_cast<double>(info.bytes_per_token),
                static_cast<double>(info.token_read_bytes),
                static_cast<double>(model->tensors().tensors.size() * info.experts_used));
    const KernelTable& kernels = KernelsFor(SupportedCpuIsas().back());
    const auto selection = PassSelection::Parse(passes);
    Graph graph = *model->BuildGraph(LogitsFor::kAllTokens);
    KernelEvaluator evaluator(kernels);
    EXPECT_TRUE(RunPasses(*selection, &evaluator, &graph).ok());
    if (std::string_view(passes).empty()) ExpectFused(graph, model->info().layers);
    ThreadPool pool(1);
    auto executor =
        Executor::Create(std::move(graph), kernels, pool, selection->Enabled(kReuseMemory));
    EXPECT_TRUE(executor.ok());
    auto cache = KvCache::Create(executor->CacheSlotElements(), golden_.tokens.size());
    EXPECT_TRUE(cache.ok());
    std::vector<float> all;
    for (size_t i = 0; i < golden_.tokens.size(); i += at_once) {
      const size_t n = std::min(at_once, golden_.tokens.size() - i);
      const auto logits = executor->Run(std::span(golden_.tokens).subspan(i, n), *cache);
      EXPECT_TRUE(logits.ok()) << logits.error().message();
      all.insert(all.end(), logits->begin(), logits->end());
    }
    return all;
  }

  static void ExpectFused(const Graph& graph, size_t layers) {
    const auto count = [&](Op op) {
      return std::ranges::count_if(graph.nodes(), [op](const Node& node) { return node.op == op; });
    };
    EXPECT_EQ(count(Op::kAttention), static_cast<ptrdiff_t>(layers));
    EXPECT_EQ(CountConstantBytes(graph).owned, OwnedBytes(graph));
  }

  // Of the rotations' frequencies alone: no weight is copied.
  static size_t OwnedBytes(const Graph& graph) {
    std::set<NodeId> frequencies;
    for (const Node& node : graph.nodes()) {
      if (node.op != Op::kRope) continue;
      frequencies.insert(node.inputs.begin() + 1, node.inputs.end());
    }
    size_t bytes = 0;
    for (const NodeId id : frequencies) bytes += graph.node(id).constant.bytes();
    return bytes;
  }

  void ExpectLogits(const std::string& path, size_t at_once, const char* passes = "") const {
    SCOPED_TRACE(testing::Message() << path << ", " << at_once << " at once, passes " << passes);
    const std::vector<float> got = Run(path, at_once, passes);
    const size_t vocabulary = golden_.logits[0].size();
    ASSERT_EQ(got.size(), golden_.tokens.size() * vocabulary);
    for (size_t i = 0; i < golden_.positions.size(); ++i) {
      const size_t position = golden_.positions[i];
      if (at_once < golden_.tokens.size() && position < golden_.steps_from) continue;
      for (size_t v = 0; v < vocabulary; ++v) {
        const double want = static_cast<double>(golden_.logits[i][v]);
        const double have = static_cast<double>(got[position * vocabulary + v]);
        ASSERT_TRUE(std::abs(have - want) <= golden_.tolerance)
            << "position " << position << ", logit " << v << ": " << have << ", expected " << want;
      }
    }
  }

  void ExpectTokens(const std::string& path) const {
    EngineOptions threads;
    threads.threads = 1;
    auto engine = Engine::Load(path, threads);
    ASSERT_TRUE(engine.ok()) << engine.error().message();
    GenerateOptions options;
    options.new_tokens = golden_.greedy.size();
    options.ignore_eos = true;
    const auto result = engine->Generate(golden_.prompt, options);
    ASSERT_TRUE(result.ok()) << result.error().message();
    EXPECT_THAT(result->ids, ElementsAreArray(golden_.greedy));
  }

  void ExpectSameModel(const std::string& path) const {
    ExpectLogits(path, golden_.tokens.size());
    ExpectLogits(path, 1);
    ExpectTokens(path);
  }

  // Converts, unless the form cannot express the model: then the message must say so. Empty then.
  std::string Convert(const std::string& in, const std::string& name, ModelFormat to,
                      const std::map<std::string, std::string>& refusals = {}) const {
    const auto summary = ConvertModel(in, folder_.File(name), {.to = to});
    const auto refusal = refusals.find(golden_.name);
    if (refusal != refusals.end()) {
      EXPECT_FALSE(summary.ok()) << name;
      if (!summary.ok()) {
        EXPECT_THAT(summary.error().message(), HasSubstr(refusal->second));
      }
      return "";
    }
    EXPECT_TRUE(summary.ok()) << summary.error().message();
    return summary.ok() ? folder_.File(name) : "";
  }

  const GoldenModel golden_ = ReadGoldenModel(GetParam());
  const TempFolder folder_;
  const std::string hugging_face_ = folder_.File("hf");
};

TEST_P(FamilyGoldenTest, FromAHuggingFaceFolder) {
  ExpectSameModel(hugging_face_);
  ExpectLogits(hugging_face_, 7);
  ExpectLogits(hugging_face_, golden_.tokens.size(), "none");
}

TEST_P(FamilyGoldenTest, ThroughGgufAndBack) {
  const std::string gguf = Convert(hugging_face_, "model.gguf", ModelFormat::kGguf, kNoGguf);
  if (gguf.empty()) return;
  ExpectSameModel(gguf);
  ExpectLogits(Convert(gguf, "back", ModelFormat::kHuggingFace), golden_.tokens.size());
}

TEST_P(FamilyGoldenTest, ThroughAPresetAndBack) {
  const std::string preset = Convert(hugging_face_, "preset", ModelFormat::kKeras, kNoPreset);
  if (preset.empty()) return;
  ExpectSameModel(preset);
  ExpectLogits(Convert(preset, "back", ModelFormat::kHuggingFace), golden_.tokens.size());
}

std::string TestName(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(All, FamilyGoldenTest, testing::ValuesIn(GoldenModelNames()), TestName);

TEST(FamiliesTest, EachOfTheSharedDecoderHasAGoldenModel) {
  std::set<std::string> types;
  for (const std::string& name : GoldenModelNames()) {
    types.insert(ReadGoldenModel(name).config.at("model_type").get<std::string>());
  }
  for (const Family* family : Families()) {
    if (family->decoder == nullptr) continue;
    EXPECT_TRUE(types.contains(std::string(family->hugging_face_type))) << family->name;
  }
}

}  // namespace
}  // namespace tare
