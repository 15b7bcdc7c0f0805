#include "bench/stats/divergence.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/testing/fails_with.h"
#include "base/testing/test_paths.h"
#include "os/proc_files.h"

namespace tare {
namespace {

using nlohmann::json;
using Logits = std::vector<float>;

// NumPy's and SciPy's answers: tests/golden/make_divergence.py.
TEST(DivergenceTest, IsSciPys) {
  const auto text = ReadSmallFile(SourceFile("tests/golden/divergence.json"));
  ASSERT_TRUE(text.ok());
  const json cases = json::parse(*text);
  ASSERT_GE(cases.size(), 5u);
  for (const json& one : cases) {
    const auto reference = one["reference"].get<std::vector<Logits>>();
    const auto other = one["other"].get<std::vector<Logits>>();
    Divergence divergence;
    for (size_t i = 0; i < reference.size(); ++i) {
      ASSERT_TRUE(divergence.Add(reference[i], other[i], one["next"][i]).ok());
    }
    const DivergenceSummary got = divergence.Summary();
    // Sums of at most 101 numbers in double, from logits of at most 350.
    const auto expect = [&](double value, const char* name) {
      const double expected = one[name];
      EXPECT_NEAR(value, expected, 1e-11 * std::max(1.0, std::abs(expected))) << name;
    };
    EXPECT_EQ(got.positions, reference.size());
    expect(got.mean_kl, "mean_kl");
    expect(got.max_kl, "max_kl");
    expect(got.top1_agreement, "top1_agreement");
    expect(got.perplexity, "perplexity");
    expect(got.reference_perplexity, "reference_perplexity");
  }
}

TEST(DivergenceTest, LogProbabilitiesAreLogitsToo) {
  Divergence divergence;
  const Logits logits = {1.0f, 2.0f, -1.0f};
  Logits logs;
  const double total = std::log(std::exp(1.0) + std::exp(2.0) + std::exp(-1.0));
  for (const float logit : logits) logs.push_back(static_cast<float>(logit - total));
  ASSERT_TRUE(divergence.Add(logits, logs, 1).ok());
  // Each log-probability is rounded to f32: half a unit in the last place of at most 4.
  EXPECT_NEAR(divergence.Summary().mean_kl, 0, 3e-7);
  EXPECT_EQ(divergence.Summary().top1_agreement, 1);
}

TEST(DivergenceTest, ATokenThatTheReferenceRulesOutCostsNothing) {
  constexpr float kNever = -std::numeric_limits<float>::infinity();
  Divergence divergence;
  EXPECT_TRUE(divergence.Add(Logits{0, kNever, 1}, Logits{0, 5, 1}, 2).ok());
  EXPECT_THAT(divergence.Add(Logits{0, 5, 1}, Logits{0, kNever, 1}, 2),
              FailsWith(ErrorCode::kInvalidInput, "position 1"));
}

TEST(DivergenceTest, RefusesWhatIsNoDistribution) {
  Divergence divergence;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const Logits good = {0, 1};
  for (const Logits& bad :
       {Logits{nan, 1}, Logits{1, nan}, Logits{infinity, 1}, Logits{-infinity, -infinity}}) {
    EXPECT_FALSE(divergence.Add(good, bad, 0).ok());
    EXPECT_FALSE(divergence.Add(bad, good, 0).ok());
  }
  EXPECT_FALSE(divergence.Add(good, Logits{0, 1, 2}, 0).ok());
  EXPECT_FALSE(divergence.Add(good, good, 2).ok());
  EXPECT_FALSE(divergence.Add({}, {}, 0).ok());
}

}  // namespace
}  // namespace tare
