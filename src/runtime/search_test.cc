// Beam and contrastive search through the engine, against their definitions: every hypothesis is
// run from its beginning in a cache of its own.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "base/testing/temp_folder.h"
#include "models/families/llama/testing/tiny_llama.h"
#include "models/model.h"
#include "passes/pass_manager.h"
#include "runtime/contrastive_search.h"
#include "runtime/evaluator.h"
#include "runtime/executor.h"
#include "runtime/log_probabilities.h"
#include "tare/generate.h"

namespace tare {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

using Ids = std::vector<int32_t>;

constexpr size_t kVocabulary = 37;

struct Outputs {
  std::vector<float> logits;  // of the last token
  std::vector<float> hidden;  // [T, C]
};

class SearchTest : public ::testing::TestWithParam<uint32_t> {
 protected:
  void SetUp() override {
    TinyLlama tiny;
    tiny.context = 64;
    tiny.seed = GetParam();
    for (int i = 0; i < 37; ++i) tiny.tokens.push_back(std::string(1, static_cast<char>('A' + i)));
    path_ = temp_.path() + "/model.gguf";
    const Status written = WriteTinyLlama(tiny, path_);
    ASSERT_TRUE(written.ok()) << written.error().message();
    Result<Model> model = Model::Open(path_);
    ASSERT_TRUE(model.ok());
    model_ = std::make_unique<Model>(*std::move(model));
    engine_ = std::make_unique<Engine>(MakeEngine({}));
    const KernelTable& kernels = KernelsFor(SupportedCpuIsas().back());
    Graph graph = *model_->BuildGraph(LogitsFor::kAllTokens);
    KernelEvaluator evaluator(kernels);
    ASSERT_TRUE(RunPasses({}, &evaluator, &graph).ok());
    executor_ =
        std::make_unique<Executor>(*Executor::Create(std::move(graph), kernels, pool_, true));
  }

  Engine MakeEngine(const std::string& passes) {
    EngineOptions options;
    options.threads = 2;
    options.passes = passes;
    Result<Engine> engine = Engine::Load(path_, options);
    EXPECT_TRUE(engine.ok()) << engine.error().message();
    return *std::move(engine);
  }

  const Outputs& RunAll(const Ids& ids) {
    const auto known = outputs_.find(ids);
    if (known != outputs_.end()) return known->second;
    auto cache = KvCache::Create(executor_->CacheSlotElements(), ids.size());
    EXPECT_TRUE(cache.ok());
    const auto logits = executor_->Run(ids, *cache);
    EXPECT_TRUE(logits.ok());
    const std::span<const float> last = logits->last(kVocabulary);
    const std::span<const float> hidden = executor_->Hidden();
    return outputs_[ids] = {{last.begin(), last.end()}, {hidden.begin(), hidden.end()}};
  }

  GenerateResult Generate(const Ids& prompt, const GenerateOptions& options) {
    Result<GenerateResult> result = engine_->Generate(prompt, options);
    EXPECT_TRUE(result.ok()) << result.error().message();
    return *std::move(result);
  }

  struct NaiveBeam {
    double score = 0.0;
    Ids ids;
    bool stopped = false;
  };

  // The best beam's new tokens, its stop token and what follows included.
  Ids NaiveBeams(const Ids& prompt, size_t width, double temperature, size_t limit,
                 const Ids& stops) {
    std::vector<NaiveBeam> beams(1);
    beams[0].ids = prompt;
    for (size_t step = 0; step < limit; ++step) {
      if (std::ranges::all_of(beams, &NaiveBeam::stopped)) break;
      std::vector<NaiveBeam> next;
      for (const NaiveBeam& beam : beams) {
        const std::vector<float>& logits = RunAll(beam.ids).logits;
        const double total = *LogSumExp(logits, temperature);
        for (size_t id = 0; id < kVocabulary; ++id) {
          NaiveBeam longer = beam;
          longer.score += static_cast<double>(logits[id]) / temperature - total;
          longer.ids.push_back(static_cast<int32_t>(id));
          longer.stopped |= std::ranges::count(stops, static_cast<int32_t>(id)) > 0;
          next.push_back(longer);
        }
      }
      std::ranges::stable_sort(next, std::greater<>(), &NaiveBeam::score);
      next.resize(width);
      beams = next;
    }
    return {beams[0].ids.begin() + static_cast<ptrdiff_t>(prompt.size()), beams[0].ids.end()};
  }

  Ids NaiveContrastive(Ids ids, size_t k, double alpha, double temperature, size_t limit) {
    const size_t prompt = ids.size();
    for (size_t step = 0; step < limit; ++step) {
      const Outputs& now = RunAll(ids);
      std::vector<int32_t> order(kVocabulary);
      std::iota(order.begin(), order.end(), 0);
      std::ranges::stable_sort(order, std::greater<>(),
                               [&](int32_t id) { return now.logits[static_cast<size_t>(id)]; });
      const double total = *LogSumExp(now.logits, temperature);
      double best = -1e9;
      int32_t chosen = 0;
      for (size_t i = 0; i < k; ++i) {
        ids.push_back(order[i]);
        const Outputs& with = RunAll(ids);
        ids.pop_back();
        const size_t width = with.hidden.size() / (ids.size() + 1);
        double likeness = -1.0;
        for (size_t row = 0; row < ids.size(); ++row) {
          double dot = 0, a = 0, b = 0;
          for (size_t c = 0; c < width; ++c) {
            const double x = static_cast<double>(with.hidden[row * width + c]);
            const double y = static_cast<double>(with.hidden[ids.size() * width + c]);
            dot += x * y;
            a += x * x;
            b += y * y;
          }
          likeness = std::max(likeness, dot / std::sqrt(a * b));
        }
        const double logit = static_cast<double>(now.logits[static_cast<size_t>(order[i])]);
        const double score = (1 - alpha) * std::exp(logit / temperature - total) - alpha * likeness;
        if (score > best) {
          best = score;
          chosen = order[i];
        }
      }
      ids.push_back(chosen);
    }
    return {ids.begin() + static_cast<ptrdiff_t>(prompt), ids.end()};
  }

  const TempFolder temp_;
  std::string path_;
  ThreadPool pool_{2};
  std::unique_ptr<Model> model_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<Executor> executor_;
  std::map<Ids, Outputs> outputs_;  // what has been run before
};

INSTANTIATE_TEST_SUITE_P(Seeds, SearchTest, ::testing::Values(1u, 2u, 3u));

const Ids kPrompt = {3, 14, 25, 7, 18};

GenerateOptions Search(SamplerKind kind, size_t n) {
  GenerateOptions options;
  options.new_tokens = n;
  options.stop_token_ids.emplace();
  options.sampling = DefaultSampling(kind);
  return options;
}

TEST_P(SearchTest, BeamsAreThoseOfTheDefinition) {
  for (const int32_t width : {1, 3, 5}) {
    for (const float temperature : {0.5f, 1.0f, 2.0f}) {
      GenerateOptions options = Search(SamplerKind::kBeam, 12);
      options.sampling.beams = width;
      options.sampling.temperature = temperature;
      EXPECT_THAT(Generate(kPrompt, options).ids,
                  ElementsAreArray(NaiveBeams(kPrompt, static_cast<size_t>(width),
                                              static_cast<double>(temperature), 12, {})))
          << width << " beams at " << temperature;
    }
  }
  // More beams than tokens.
  GenerateOptions options = Search(SamplerKind::kBeam, 4);
  options.sampling.beams = 50;
  EXPECT_EQ(Generate(kPrompt, options).ids.size(), 4u);
}

TEST_P(SearchTest, OneBeamIsGreedy) {
  GenerateOptions beam = Search(SamplerKind::kBeam, 20);
  beam.sampling.beams = 1;
  EXPECT_EQ(Generate(kPrompt, beam).ids, Generate(kPrompt, Search(SamplerKind::kGreedy, 20)).ids);
}

TEST_P(SearchTest, BeamsGoOnPastAStopTokenUntilAllHaveMetOne) {
  for (int32_t stop = 0; stop < 36; stop += 7) {
    const Ids stops = {stop, stop + 1};
    GenerateOptions options = Search(SamplerKind::kBeam, 10);
    options.stop_token_ids = stops;
    Ids want = NaiveBeams(kPrompt, 5, 1.0, 10, stops);
    const auto end = std::ranges::find_first_of(want, stops);
    const bool stopped = end != want.end();
    want.erase(end, want.end());
    const GenerateResult got = Generate(kPrompt, options);
    EXPECT_THAT(got.ids, ElementsAreArray(want)) << stop;
    EXPECT_EQ(got.stop_token_id.has_value(), stopped) << stop;
    EXPECT_EQ(got.stop_reason, stopped ? StopReason::kEndOfText : StopReason::kLength) << stop;
  }
}

TEST_P(SearchTest, ContrastiveIsThatOfTheDefinition) {
  for (const float alpha : {0.0f, 0.3f, 0.6f, 1.0f}) {
    for (const int32_t k : {2, 5}) {
      GenerateOptions options = Search(SamplerKind::kContrastive, 12);
      options.sampling.alpha = alpha;
      options.sampling.top_k = k;
      EXPECT_THAT(Generate(kPrompt, options).ids,
                  ElementsAreArray(NaiveContrastive(kPrompt, static_cast<size_t>(k),
                                                    static_cast<double>(alpha), 1.0, 12)))
          << "alpha " << alpha << ", k " << k;
    }
  }
}

TEST_P(SearchTest, ContrastiveWithoutPenaltyIsGreedy) {
  GenerateOptions options = Search(SamplerKind::kContrastive, 20);
  options.sampling.alpha = 0.0f;
  EXPECT_EQ(Generate(kPrompt, options).ids,
            Generate(kPrompt, Search(SamplerKind::kGreedy, 20)).ids);
}

TEST_P(SearchTest, FillTheContextAndNoMore) {
  const Ids before = Generate(kPrompt, Search(SamplerKind::kBeam, 9)).ids;
  GenerateOptions options = Search(SamplerKind::kBeam, 1000);
  const GenerateResult beam = Generate(kPrompt, options);
  EXPECT_EQ(beam.ids.size(), 64 - kPrompt.size() + 1);
  EXPECT_EQ(beam.stop_reason, StopReason::kContextFull);
  options.sampling = DefaultSampling(SamplerKind::kContrastive);
  const GenerateResult contrastive = Generate(kPrompt, options);
  EXPECT_EQ(contrastive.ids.size(), 64 - kPrompt.size());
  EXPECT_EQ(contrastive.stop_reason, StopReason::kContextFull);
  // What a search has used does not change what follows.
  EXPECT_EQ(Generate(kPrompt, Search(SamplerKind::kBeam, 9)).ids, before);
}

TEST_P(SearchTest, StreamWhatIsCertain) {
  for (const SamplerKind kind : {SamplerKind::kBeam, SamplerKind::kContrastive}) {
    const GenerateOptions options = Search(kind, 20);
    std::string streamed;
    const auto result = engine_->Generate(kPrompt, options, [&](std::string_view text) {
      streamed += text;
      return true;
    });
    EXPECT_EQ(streamed, result->text);
    EXPECT_EQ(result->text.size(), 20u);
    GenerateOptions cut = options;
    cut.stop = {result->text.substr(6, 2)};
    const GenerateResult stopped = Generate(kPrompt, cut);
    EXPECT_EQ(stopped.text, result->text.substr(0, result->text.find(cut.stop[0])));
    EXPECT_EQ(stopped.stop_reason, StopReason::kStopText);
  }
}

TEST_P(SearchTest, TellLogProbabilitiesOfWhatTheyChose) {
  for (const SamplerKind kind : {SamplerKind::kBeam, SamplerKind::kContrastive}) {
    GenerateOptions options = Search(kind, 8);
    options.log_probabilities = 2;
    options.sampling.temperature = 2.0f;
    const GenerateResult result = Generate(kPrompt, options);
    Ids all = kPrompt;
    all.insert(all.end(), result.ids.begin(), result.ids.end());
    const auto scores = engine_->Score(all, 2);
    ASSERT_TRUE(scores.ok());
    ASSERT_EQ(scores->size(), all.size() - 1);
    ASSERT_EQ(result.log_probabilities.size(), 8u);
    for (size_t i = 0; i < 8; ++i) {
      const ChosenLogProbability& got = result.log_probabilities[i];
      const ChosenLogProbability& want = (*scores)[kPrompt.size() - 1 + i];
      EXPECT_EQ(got.token.id, result.ids[i]);
      EXPECT_EQ(want.token.id, result.ids[i]);
      // Logits of one token and of many differ in the order of their sums alone.
      EXPECT_NEAR(got.token.log_probability, want.token.log_probability, 1e-4);
      ASSERT_EQ(got.likeliest.size(), 2u);
      EXPECT_NEAR(got.likeliest[1].log_probability, want.likeliest[1].log_probability, 1e-4);
    }
  }
}

TEST_P(SearchTest, ScoresAreOfTheTextSoFar) {
  const Ids ids = {3, 14, 25, 7, 18, 30};
  const auto scores = engine_->Score(ids, 0);
  ASSERT_TRUE(scores.ok());
  for (size_t i = 1; i < ids.size(); ++i) {
    const Outputs& outputs = RunAll(Ids(ids.begin(), ids.begin() + static_cast<ptrdiff_t>(i)));
    const double want = static_cast<double>(outputs.logits[static_cast<size_t>(ids[i])]) -
                        *LogSumExp(outputs.logits);
    EXPECT_NEAR((*scores)[i - 1].token.log_probability, want, 1e-4);
  }
  EXPECT_THAT(engine_->Score(Ids{3}, 0).error().message(), HasSubstr("two or more"));
  EXPECT_THAT(engine_->Score(Ids(65, 3), 0).error().message(), HasSubstr("holds 64"));
  EXPECT_THAT(engine_->Score(Ids{3, 37}, 0).error().message(), HasSubstr("outside [0, 37)"));
  EXPECT_THAT(engine_->Score(Ids{-1, 3}, 0).error().message(), HasSubstr("outside [0, 37)"));
}

TEST_P(SearchTest, NeedFusedAttention) {
  Engine engine = MakeEngine("no-fuse_attention");
  const auto result = engine.Generate(kPrompt, Search(SamplerKind::kBeam, 3));
  ASSERT_FALSE(result.ok());
  EXPECT_THAT(result.error().message(), HasSubstr("fuse_attention"));
}

TEST_P(SearchTest, RefuseOptionsThatCannotBe) {
  const auto error = [&](const SamplingOptions& sampling) {
    GenerateOptions options = Search(sampling.kind, 1);
    options.sampling = sampling;
    const auto result = engine_->Generate(kPrompt, options);
    return result.ok() ? "" : result.error().message();
  };
  SamplingOptions beam = DefaultSampling(SamplerKind::kBeam);
  for (const int32_t beams : {-1, 0, 257}) {
    beam.beams = beams;
    EXPECT_THAT(error(beam), HasSubstr("beams: got"));
  }
  SamplingOptions contrastive = DefaultSampling(SamplerKind::kContrastive);
  for (const float alpha : {-0.1f, 1.1f, std::nanf("")}) {
    contrastive.alpha = alpha;
    EXPECT_THAT(error(contrastive), HasSubstr("alpha: got"));
  }
  contrastive = DefaultSampling(SamplerKind::kContrastive);
  for (const int32_t k : {0, 257}) {
    contrastive.top_k = k;
    EXPECT_THAT(error(contrastive), HasSubstr("top-k: got"));
  }
  contrastive = DefaultSampling(SamplerKind::kContrastive);
  contrastive.temperature = 0.0f;
  EXPECT_THAT(error(contrastive), HasSubstr("temperature: got 0"));
}

TEST(MaxCosineTest, IsTheLargest) {
  const std::vector<float> seen = {1, 0, 0, 2, 3, 3};
  EXPECT_NEAR(MaxCosine(seen, std::vector<float>{0, 5}), 1.0, 1e-12);
  EXPECT_NEAR(MaxCosine(std::span(seen).first(2), std::vector<float>{1, 1}), std::sqrt(0.5), 1e-7);
  EXPECT_EQ(MaxCosine({}, std::vector<float>{1, 1}), -1.0);
}

}  // namespace
}  // namespace tare
