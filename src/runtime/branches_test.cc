#include "runtime/branches.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace tare {
namespace {

using ::testing::ElementsAre;

std::vector<uint32_t> RowsOf(const BranchRows& rows, size_t i) {
  return {rows.rows(i).begin(), rows.rows(i).end()};
}

TEST(BranchRowsTest, ShareWhatTheyShare) {
  BranchRows rows(2, 3);
  rows.Extend(std::vector<size_t>{0, 0, 0});
  EXPECT_THAT(RowsOf(rows, 0), ElementsAre(0, 1, 2));
  EXPECT_THAT(RowsOf(rows, 2), ElementsAre(0, 1, 4));
  rows.Extend(std::vector<size_t>{2, 2, 1});
  EXPECT_THAT(RowsOf(rows, 0), ElementsAre(0, 1, 4, 2));
  EXPECT_THAT(RowsOf(rows, 1), ElementsAre(0, 1, 4, 5));
  EXPECT_THAT(RowsOf(rows, 2), ElementsAre(0, 1, 3, 6));
}

TEST(BranchRowsTest, UseRowsAgain) {
  BranchRows rows(1, 1);
  for (int step = 0; step < 100; ++step) {
    rows.Extend(std::vector<size_t>{0, 0, 0, 0});
    rows.KeepOnly(static_cast<size_t>(step % 4));
    ASSERT_EQ(rows.count(), 1u);
  }
  const std::vector<uint32_t> path = RowsOf(rows, 0);
  EXPECT_EQ(path.size(), 101u);
  EXPECT_EQ(std::set<uint32_t>(path.begin(), path.end()).size(), path.size());
  for (uint32_t row : path) EXPECT_LE(row, 104u);
}

TEST(BranchRowsTest, NeverGiveAwayARowThatIsRead) {
  BranchRows rows(3, 4);
  for (size_t step = 0; step < 50; ++step) {
    const std::vector<size_t> parents = {step % 4, (step * 7 + 1) % 4, step % 3, 3};
    std::vector<std::vector<uint32_t>> before;
    for (size_t parent : parents) before.push_back(RowsOf(rows, parent));
    rows.Extend(parents);
    std::set<uint32_t> read;
    for (const auto& path : before) read.insert(path.begin(), path.end());
    std::set<uint32_t> written;
    for (size_t i = 0; i < 4; ++i) {
      std::vector<uint32_t> path = RowsOf(rows, i);
      EXPECT_FALSE(read.contains(path.back()));
      EXPECT_TRUE(written.insert(path.back()).second);
      path.pop_back();
      EXPECT_EQ(path, before[i]);
    }
  }
}

}  // namespace
}  // namespace tare
