#include "bench/report/ranking.h"

#include <gtest/gtest.h>

#include "base/units.h"
#include "bench/testing/sample_document.h"

namespace tare {
namespace {

TEST(RankingTest, RowsAreToldApartByIntervalsAlone) {
  Spread a;
  Spread b;
  EXPECT_FALSE(ToldApart(a, b)) << "unknown intervals tell nothing";
  EXPECT_FALSE(WithinNoise(a, b)) << "and no proof that they are equal";
  a.interval = Interval{0.9, 1.1};
  b.interval = Interval{1.9, 2.1};
  EXPECT_TRUE(ToldApart(a, b));
  EXPECT_FALSE(WithinNoise(a, b));
  b.interval = Interval{1.1, 2.1};
  EXPECT_FALSE(ToldApart(a, b));
  EXPECT_TRUE(WithinNoise(a, b));
}

TEST(RankingTest, ARowNeedsMoreThanTheLimitThatStoppedIt) {
  RankedRow row;
  row.summary.peak_rss_bytes.median = 1000 * kMib;
  EXPECT_DOUBLE_EQ(NeededBytes(row), 1100 * kMib) << "its peak and a tenth more stand in";
  row.need.too_small_bytes = 2000 * kMebibyte;
  EXPECT_DOUBLE_EQ(NeededBytes(row), 2000 * kMib + 1);
  row.need.required_bytes = 2100 * kMebibyte;
  EXPECT_DOUBLE_EQ(NeededBytes(row), 2100 * kMib);
}

TEST(RankingTest, RowsWithoutAResultAreNotCompared) {
  const Document document = testing::Sample();
  const std::vector<RankedRow> rows = RowsToRank(document, 0, SummarizeScenario(document, 0));
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].summary.row, "native");
  EXPECT_EQ(BySpeed(rows).front()->summary.row, "native");
  EXPECT_EQ(ByPeak(rows).back()->summary.row, "tree");
}

TEST(RankingTest, ARowIsOnAGpuAsRecordedOrAsTheTableHasIt) {
  RowSummary row;
  row.row = "of-a-later-tare";
  EXPECT_FALSE(RunsOnGpu(row));
  row.device = "gpu";
  EXPECT_TRUE(RunsOnGpu(row));
  row = {};
  row.row = "keras-torch:gpu";
  EXPECT_TRUE(RunsOnGpu(row)) << "its session did not tell";
  row.row = "keras-torch";
  EXPECT_FALSE(RunsOnGpu(row));
}

TEST(RankingTest, TokensAreComparedWithThoseOfTheReferenceRow) {
  Document document = testing::Sample();
  document.session.reference_row = "tree";
  const std::vector<RankedRow> rows = RowsToRank(document, 0, SummarizeScenario(document, 0));
  EXPECT_EQ(rows[0].note, "tokens differ from tree's at generation 2, token 3");
  EXPECT_FALSE(rows[0].summary.reference);
  EXPECT_TRUE(rows[1].summary.reference);
  EXPECT_EQ(rows[1].note, "");
}

}  // namespace
}  // namespace tare
