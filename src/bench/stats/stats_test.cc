#include "bench/stats/stats.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/testing/test_paths.h"
#include "bench/stats/bootstrap.h"
#include "bench/stats/mann_whitney.h"
#include "os/proc_files.h"

namespace tare {
namespace {

using Values = std::vector<double>;
using nlohmann::json;

// Expected values from NumPy and SciPy, see tests/golden/make_statistics.py.
json Golden() {
  const auto text = ReadSmallFile(SourceFile("tests/golden/statistics.json"));
  EXPECT_TRUE(text.ok());
  json golden = json::parse(text.ok() ? *text : "{}", nullptr, false);
  EXPECT_GE(golden["one"].size(), 7u);
  EXPECT_GE(golden["two"].size(), 10u);
  return golden;
}

// Assigns the values to rounds 0, 1, …
std::optional<Spread> SpreadOfValues(const Values& values) {
  std::vector<Measured> measured;
  for (const double value : values) measured.push_back({value, measured.size()});
  return SpreadOf(measured);
}

void ExpectClose(double got, const json& expected) {
  const double value = expected.get<double>();
  EXPECT_NEAR(got, value, 1e-12 * std::max(1.0, std::abs(value)));
}

TEST(StatsTest, SpreadsAreNumPys) {
  const json golden = Golden();
  for (const json& one : golden["one"]) {
    SCOPED_TRACE(one["values"].dump());
    const std::optional<Spread> spread = SpreadOfValues(one["values"].get<Values>());
    ASSERT_TRUE(spread.has_value());
    ExpectClose(spread->median, one["median"]);
    ExpectClose(spread->lower_quartile, one["quartiles"][0]);
    ExpectClose(spread->upper_quartile, one["quartiles"][1]);
    EXPECT_EQ(spread->outlier_rounds, one["outliers"].get<std::vector<size_t>>());
    ExpectClose(spread->interval->low, one["interval"][0]);
    ExpectClose(spread->interval->high, one["interval"][1]);
  }
}

// SciPy draws other resamples, five times as many, so limits may differ by the distance between
// neighbouring medians.
TEST(StatsTest, IntervalsAgreeWithSciPysBootstrap) {
  const json golden = Golden();
  for (const json& one : golden["one"]) {
    const Values values = one["values"].get<Values>();
    const Interval interval = MedianInterval(values);
    const auto [least, largest] = std::minmax_element(values.begin(), values.end());
    const double slack = (*largest - *least) / 50;
    EXPECT_NEAR(interval.low, one["scipy_interval"][0].get<double>(), slack);
    EXPECT_NEAR(interval.high, one["scipy_interval"][1].get<double>(), slack);
  }
}

TEST(StatsTest, TheOrderOfMeasurementsDoesNotCount) {
  const Values up = {1, 2, 3, 5, 8, 13};
  const Values mixed = {8, 1, 13, 2, 5, 3};
  EXPECT_EQ(MedianInterval(up).low, MedianInterval(mixed).low);
  EXPECT_EQ(MedianInterval(up).high, MedianInterval(mixed).high);
}

TEST(StatsTest, OneMeasurementHasNoInterval) {
  EXPECT_FALSE(SpreadOfValues(Values{}).has_value());
  const std::optional<Spread> spread = SpreadOfValues(Values{42});
  EXPECT_EQ(spread->median, 42);
  EXPECT_EQ(spread->count, 1u);
  EXPECT_FALSE(spread->interval.has_value());
}

TEST(StatsTest, OutliersAreNamedAndStillCount) {
  const std::optional<Spread> spread = SpreadOfValues(Values{10, 99, 10.5, 10.2, 11});
  EXPECT_EQ(spread->outlier_rounds, std::vector<size_t>{1});
  EXPECT_EQ(spread->median, 10.5);
  EXPECT_EQ(spread->max, 99);
  EXPECT_THAT(Outliers(Values{10, 99, 10.5, 10.2}), ::testing::IsEmpty()) << "too few to say";
}

TEST(RankTestTest, PValuesAreSciPys) {
  const json golden = Golden();
  for (const json& two : golden["two"]) {
    SCOPED_TRACE(two.dump());
    const RankTest test = MannWhitney(two["a"].get<Values>(), two["b"].get<Values>());
    EXPECT_EQ(test.u, two["u"].get<double>());
    EXPECT_EQ(test.exact, two["method"] != "asymptotic");
    EXPECT_NEAR(test.p, two["p"].get<double>(), 1e-9 * std::max(1e-3, test.p));
  }
}

TEST(RankTestTest, SidesMayBeExchanged) {
  const Values a = {1, 4, 4, 9, 12};
  const Values b = {2, 4, 7, 30};
  const RankTest there = MannWhitney(a, b);
  const RankTest back = MannWhitney(b, a);
  EXPECT_EQ(there.u + back.u, 20);
  EXPECT_DOUBLE_EQ(there.p, back.p);
}

TEST(RankTestTest, OnlyTheOrderCounts) {
  const double near = MannWhitney(Values{1, 2, 3}, Values{4, 5, 6}).p;
  EXPECT_DOUBLE_EQ(near, 0.1);
  EXPECT_EQ(near, MannWhitney(Values{1, 2, 3}, Values{4e6, 5e6, 6e9}).p);
}

TEST(RankTestTest, ExactAndApproximateMeetAtTheBorder) {
  Values a, b;
  for (int i = 0; i < 20; ++i) a.push_back(i * 2);
  for (int i = 0; i < 20; ++i) b.push_back(i * 2 + 7);
  const double exact = MannWhitney(a, b).p;
  b.push_back(19.5);  // near b's middle
  const RankTest approximate = MannWhitney(a, b);
  EXPECT_FALSE(approximate.exact);
  EXPECT_NEAR(exact, approximate.p, 0.02);
}

TEST(EffectTest, RelativeChangesAreNumPys) {
  const json golden = Golden();
  for (const json& two : golden["two"]) {
    SCOPED_TRACE(two.dump());
    const Effect effect = EffectOf(two["a"].get<Values>(), two["b"].get<Values>());
    ASSERT_TRUE(effect.relative.has_value());
    ExpectClose(*effect.relative, two["relative"]);
    ExpectClose(effect.relative_interval->low, two["relative_interval"][0]);
    ExpectClose(effect.relative_interval->high, two["relative_interval"][1]);
  }
}

TEST(EffectTest, AGroupAgainstItselfHasNoEffect) {
  const Values values = {5, 6, 7, 8, 9, 10};
  const Effect effect = EffectOf(values, values);
  EXPECT_EQ(effect.difference, 0);
  EXPECT_LE(effect.difference_interval.low, 0);
  EXPECT_GE(effect.difference_interval.high, 0);
}

TEST(EffectTest, AShiftMovesTheWholeInterval) {
  const Effect effect = EffectOf(Values{10, 11, 12, 11, 10}, Values{20, 21, 22, 21, 20});
  EXPECT_EQ(effect.difference, 10);
  EXPECT_GE(effect.difference_interval.low, 8);
  EXPECT_LE(effect.difference_interval.high, 12);
}

TEST(EffectTest, WithoutAPositiveBaseThereIsNoRatio) {
  const Effect effect = EffectOf(Values{-1, 2, 3}, Values{4, 5, 6});
  EXPECT_EQ(effect.difference, 3);
  EXPECT_FALSE(effect.relative.has_value());
}

TEST(PairedEffectTest, WhatARoundDoesToBothCancelsOut) {
  // The machine's speed changes fourfold between rounds; the change is a tenth in each.
  const std::vector<Measured> base = {{10, 0}, {40, 1}, {20, 2}, {15, 3}};
  const std::vector<Measured> changed = {{9, 0}, {36, 1}, {18, 2}, {13.5, 3}};
  const std::optional<Effect> effect = PairedEffectOf(base, changed);
  ASSERT_TRUE(effect && effect->relative && effect->relative_interval);
  EXPECT_DOUBLE_EQ(effect->difference, -1.75);
  EXPECT_NEAR(*effect->relative, -0.1, 1e-12);
  EXPECT_NEAR(effect->relative_interval->low, -0.1, 1e-12);
  EXPECT_NEAR(effect->relative_interval->high, -0.1, 1e-12);
  EXPECT_GT(EffectOf(tare::Values(base), tare::Values(changed)).relative_interval->high, 0);
}

TEST(PairedEffectTest, PartnersAreOfOneRound) {
  const std::vector<Measured> base = {{1, 4}, {2, 0}, {100, 7}};
  const std::vector<Measured> changed = {{3, 0}, {9, 1}, {1.5, 4}};
  const std::optional<Effect> effect = PairedEffectOf(base, changed);
  ASSERT_TRUE(effect && effect->relative);
  EXPECT_DOUBLE_EQ(*effect->relative, 0.5);
  EXPECT_DOUBLE_EQ(effect->difference, 0.75);
  EXPECT_FALSE(PairedEffectOf({{{1, 1}}}, {{{1, 2}}}).has_value());
}

}  // namespace
}  // namespace tare
