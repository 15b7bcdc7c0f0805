#include "runtime/sampler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>

#include "base/testing/fails_with.h"

namespace tare {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInf = std::numeric_limits<float>::infinity();

Sampler Make(SamplingOptions options) {
  Result<Sampler> sampler = Sampler::Create(options);
  EXPECT_TRUE(sampler.ok());
  return *std::move(sampler);
}

std::map<int32_t, int> Draw(SamplingOptions options, const std::vector<float>& logits, int n) {
  Sampler sampler = Make(options);
  std::map<int32_t, int> counts;
  for (int i = 0; i < n; ++i) ++counts[*sampler.Sample(logits)];
  return counts;
}

TEST(SamplerTest, ArgMaxTakesTheFirstOfEqualsAndNoNaN) {
  EXPECT_EQ(ArgMax(std::vector<float>{1, 3, 3, 2}), 1);
  EXPECT_EQ(ArgMax(std::vector<float>{kNaN, -2, kNaN, -1}), 3);
  EXPECT_EQ(ArgMax(std::vector<float>{-kInf, -kInf}), 0);
  EXPECT_EQ(ArgMax(std::vector<float>{5}), 0);
}

TEST(SamplerTest, GreedyIsTheDefault) {
  EXPECT_EQ(*Make({}).Sample(std::vector<float>{0, 2, 1}), 1);
  EXPECT_THAT(Make({}).Sample(std::vector<float>{kNaN, kNaN}),
              FailsWith(ErrorCode::kCorruptFile, "every logit is NaN"));
}

TEST(SamplerTest, DrawsFollowTheProbabilities) {
  const std::vector<float> logits = {std::log(1.0f), std::log(2.0f), std::log(7.0f)};
  const int n = 20000;
  const auto counts = Draw({.temperature = 1.0f, .seed = 5}, logits, n);
  const double want[] = {0.1, 0.2, 0.7};
  for (int32_t id = 0; id < 3; ++id) {
    // Five standard deviations of a binomial: a right sampler fails once in two million.
    const double sigma = std::sqrt(n * want[id] * (1 - want[id]));
    EXPECT_NEAR(counts.at(id), n * want[id], 5 * sigma);
  }
}

TEST(SamplerTest, TemperatureSharpens) {
  const std::vector<float> logits = {std::log(1.0f), std::log(3.0f)};
  const int n = 20000;
  const auto counts = Draw({.temperature = 0.5f, .seed = 6}, logits, n);
  EXPECT_NEAR(counts.at(1), n * 0.9, 5 * std::sqrt(n * 0.09));
}

TEST(SamplerTest, TopKKeepsTheLikeliest) {
  const std::vector<float> logits = {1.0f, 4.0f, 3.0f, 2.0f};
  const auto counts = Draw({.temperature = 10.0f, .top_k = 2, .seed = 7}, logits, 2000);
  EXPECT_EQ(counts.size(), 2u);
  EXPECT_TRUE(counts.contains(1) && counts.contains(2));
  EXPECT_EQ(Draw({.temperature = 10.0f, .top_k = 99, .seed = 7}, logits, 2000).size(), 4u);
}

TEST(SamplerTest, TopPKeepsTheSmallestSetThatReachesIt) {
  const std::vector<float> logits = {std::log(5.0f), std::log(3.0f), std::log(2.0f)};
  EXPECT_EQ(Draw({.temperature = 1, .top_p = 0.45f, .seed = 8}, logits, 500).size(), 1u);
  EXPECT_EQ(Draw({.temperature = 1, .top_p = 0.75f, .seed = 8}, logits, 500).size(), 2u);
  EXPECT_EQ(Draw({.temperature = 1, .top_p = 0.85f, .seed = 8}, logits, 500).size(), 3u);
}

TEST(SamplerTest, TheSeedDecides) {
  const std::vector<float> logits(100, 0.0f);
  const auto sequence = [&](uint64_t seed) {
    Sampler sampler = Make({.temperature = 1.0f, .seed = seed});
    std::vector<int32_t> ids;
    for (int i = 0; i < 20; ++i) ids.push_back(*sampler.Sample(logits));
    return ids;
  };
  EXPECT_EQ(sequence(1), sequence(1));
  EXPECT_NE(sequence(1), sequence(2));
}

TEST(SamplerTest, NeverDrawsWhatIsNoNumber) {
  const std::vector<float> logits = {kNaN, 1.0f, kInf, -kInf};
  EXPECT_EQ(Draw({.temperature = 1.0f}, logits, 100).size(), 1u);
  Sampler sampler = Make({.temperature = 1.0f});
  EXPECT_THAT(sampler.Sample(std::vector<float>{kNaN, -kInf}),
              FailsWith(ErrorCode::kCorruptFile, "no logit is finite"));
}

std::vector<double> Probabilities(const SamplingOptions& options,
                                  const std::vector<float>& logits) {
  Sampler sampler = Make(options);
  std::vector<double> probabilities(logits.size());
  const auto candidates = sampler.Candidates(logits);
  EXPECT_TRUE(candidates.ok());
  for (const Sampler::Candidate& candidate : *candidates) {
    probabilities[static_cast<size_t>(candidate.id)] = candidate.probability;
  }
  return probabilities;
}

SamplingOptions Keras(SamplerKind kind, int32_t top_k, float top_p) {
  SamplingOptions options = DefaultSampling(kind);
  options.top_k = top_k;
  options.top_p = top_p;
  return options;
}

MATCHER_P(NearEach, want, "") {
  if (arg.size() != want.size()) return false;
  for (size_t i = 0; i < arg.size(); ++i) {
    if (!(std::fabs(arg[i] - want[i]) <= 1e-6)) return false;
  }
  return true;
}

TEST(SamplerTest, KerasDefaults) {
  EXPECT_EQ(DefaultSampling(SamplerKind::kTopK).top_k, 5);
  EXPECT_EQ(DefaultSampling(SamplerKind::kTopP).top_p, 0.1f);
  EXPECT_EQ(DefaultSampling(SamplerKind::kRandom).temperature, 1.0f);
  for (const char* name : {"greedy", "random", "top_k", "top_p", "beam", "contrastive"}) {
    EXPECT_TRUE(SamplerKindFromName(name).ok()) << name;
  }
  const auto unknown = SamplerKindFromName("filters");
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().message(),
              ::testing::HasSubstr("greedy, random, top_k, top_p, beam, contrastive"));
}

TEST(SamplerTest, KerasTopPKeepsTheTokenThatStartsAtTheThreshold) {
  const std::vector<float> logits = {0.0f, 0.0f, 0.0f, 0.0f};
  using Want = std::vector<double>;
  EXPECT_THAT(Probabilities(Keras(SamplerKind::kTopP, 0, 0.5f), logits),
              NearEach(Want{1 / 3.0, 1 / 3.0, 1 / 3.0, 0}));
  const SamplingOptions filters = {.temperature = 1.0f, .top_p = 0.5f};
  EXPECT_THAT(Probabilities(filters, logits), NearEach(Want{0.5, 0.5, 0, 0}));
}

TEST(SamplerTest, KerasTopPCountsWhatTopKTookAway) {
  const std::vector<float> logits = {std::log(4.0f), std::log(3.0f), std::log(2.0f),
                                     std::log(1.0f)};
  using Want = std::vector<double>;
  // 0.4 and 0.3 lie before the third: more than 0.6 of the whole, but not of the three that top_k
  // leaves.
  EXPECT_THAT(Probabilities(Keras(SamplerKind::kTopP, 3, 0.6f), logits),
              NearEach(Want{4 / 7.0, 3 / 7.0, 0, 0}));
  EXPECT_THAT(Probabilities(Keras(SamplerKind::kTopP, 3, 0.75f), logits),
              NearEach(Want{4 / 9.0, 3 / 9.0, 2 / 9.0, 0}));
  const SamplingOptions filters = {.temperature = 1.0f, .top_k = 3, .top_p = 0.75f};
  EXPECT_THAT(Probabilities(filters, logits), NearEach(Want{4 / 7.0, 3 / 7.0, 0, 0}));
}

TEST(SamplerTest, RandomDrawsFromAll) {
  SamplingOptions options = DefaultSampling(SamplerKind::kRandom);
  options.temperature = 2.0f;
  const std::vector<float> logits = {std::log(1.0f), std::log(9.0f), std::log(4.0f)};
  EXPECT_THAT(Probabilities(options, logits),
              NearEach(std::vector<double>{1 / 6.0, 3 / 6.0, 2 / 6.0}));
}

TEST(SamplerTest, GreedyNeedsNoTemperature) {
  SamplingOptions options = DefaultSampling(SamplerKind::kGreedy);
  const std::vector<float> logits = {0, 2, 2, 1};
  EXPECT_EQ(*Make(options).Sample(logits), 1);
  options.temperature = 0.0f;
  EXPECT_EQ(*Make(options).Sample(logits), 1);
}

TEST(SamplerTest, RefusesOptionsThatCannotBe) {
  const struct {
    SamplingOptions options;
    const char* says;
  } kCases[] = {
      {{.kind = SamplerKind::kRandom}, "temperature: got 0, expected more"},
      {{.kind = SamplerKind::kTopP}, "temperature: got 0, expected more"},
      {{.temperature = 1.0f, .kind = SamplerKind::kTopK}, "top-k: got 0, expected 1 or more"},
      {{.temperature = -0.1f}, "temperature: got -0.1, expected 0"},
      {{.temperature = kNaN}, "temperature: got nan, expected 0"},
      {{.temperature = kInf}, "temperature: got inf, expected 0"},
      {{.top_k = -1}, "top-k: got -1, expected 0 (all) or more"},
      {{.top_p = 0.0f}, "top-p: got 0, expected more than 0"},
      {{.top_p = 1.5f}, "top-p: got 1.5, expected more than 0"},
      {{.top_p = kNaN}, "top-p: got nan, expected more than 0"},
  };
  for (const auto& one : kCases) {
    EXPECT_THAT(Sampler::Create(one.options), FailsWith(ErrorCode::kInvalidInput, one.says));
  }
}

}  // namespace
}  // namespace tare
