#include "tokenizer/byte_pair_merger.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <utility>

namespace tare {
namespace {

using testing::ElementsAre;
using Pair = std::pair<int32_t, int32_t>;

// The definition, done literally: O(n²).
std::vector<int32_t> MergeLiterally(const std::map<Pair, Merge>& merges, std::vector<int32_t> ids) {
  while (true) {
    Merge best;
    size_t at = 0;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      const auto found = merges.find({ids[i], ids[i + 1]});
      if (found != merges.end() && found->second.rank < best.rank) {
        best = found->second;
        at = i;
      }
    }
    if (best.rank == Merge::kNone) return ids;
    ids[at] = best.token;
    ids.erase(ids.begin() + static_cast<ptrdiff_t>(at) + 1);
  }
}

// Random merges, of which some make the same token out of different parts.
std::map<Pair, Merge> RandomMerges(std::mt19937& rng, int32_t letters, uint32_t count) {
  std::map<Pair, Merge> merges;
  int32_t next_token = letters;
  for (uint32_t rank = 0; rank < count; ++rank) {
    const Pair pair = {static_cast<int32_t>(rng() % static_cast<uint32_t>(next_token)),
                       static_cast<int32_t>(rng() % static_cast<uint32_t>(next_token))};
    const bool again = next_token > letters && rng() % 4 == 0;
    if (merges.emplace(pair, Merge{rank, again ? next_token - 1 : next_token}).second && !again) {
      ++next_token;
    }
  }
  return merges;
}

TEST(BytePairMerger, MergesByRankThenFromTheLeft) {
  MergeTable table(3);
  ASSERT_TRUE(table.Insert(1, 2, {1, 10}));
  ASSERT_TRUE(table.Insert(2, 3, {0, 11}));
  ASSERT_TRUE(table.Insert(1, 1, {2, 12}));
  BytePairMerger merger(table);
  std::vector<int32_t> ids = {1, 2, 3};
  merger.MergeTail(ids, 0);
  EXPECT_THAT(ids, ElementsAre(1, 11));
  ids = {9, 1, 1, 1};
  merger.MergeTail(ids, 1);
  EXPECT_THAT(ids, ElementsAre(9, 12, 1));
}

TEST(BytePairMerger, LeavesWhatStandsBeforeTheTail) {
  MergeTable table(1);
  ASSERT_TRUE(table.Insert(1, 1, {0, 2}));
  BytePairMerger merger(table);
  std::vector<int32_t> ids = {1, 1, 1, 1};
  merger.MergeTail(ids, 2);
  EXPECT_THAT(ids, ElementsAre(1, 1, 2));
}

TEST(BytePairMerger, ScanAndHeapDoWhatTheDefinitionSays) {
  std::mt19937 rng(3);
  for (int round = 0; round < 600; ++round) {
    const auto letters = static_cast<int32_t>(1 + rng() % 4);
    const auto merges = RandomMerges(rng, letters, 1 + rng() % 30);
    MergeTable table(merges.size());
    for (const auto& [pair, merge] : merges) {
      ASSERT_TRUE(table.Insert(pair.first, pair.second, merge));
    }
    BytePairMerger merger(table);
    for (size_t size : {size_t{1}, size_t{2}, size_t{17}, BytePairMerger::kScanLimit,
                        BytePairMerger::kScanLimit + 1, size_t{200}}) {
      std::vector<int32_t> ids(size);
      for (int32_t& id : ids) id = static_cast<int32_t>(rng() % static_cast<uint32_t>(letters));
      const std::vector<int32_t> expected = MergeLiterally(merges, ids);
      merger.MergeTail(ids, 0);
      ASSERT_EQ(ids, expected) << "round " << round << ", size " << size;
    }
  }
}

TEST(MergeTable, KnowsEveryPairThatWasPutInAndRefusesItTwice) {
  constexpr int32_t kSide = 60;
  MergeTable table(kSide * kSide);
  for (int32_t i = 0; i < kSide * kSide; ++i) {
    ASSERT_TRUE(table.Insert(i / kSide, i % kSide, {static_cast<uint32_t>(i), 2 * i}));
  }
  for (int32_t i = 0; i < kSide * kSide; ++i) {
    const Merge merge = table.Find(i / kSide, i % kSide);
    ASSERT_EQ(merge.rank, static_cast<uint32_t>(i));
    ASSERT_EQ(merge.token, 2 * i);
    ASSERT_FALSE(table.Insert(i / kSide, i % kSide, {7, 7}));
  }
  EXPECT_EQ(table.Find(kSide, 0).rank, Merge::kNone);
  EXPECT_EQ(MergeTable(0).Find(0, 0).rank, Merge::kNone);
}

}  // namespace
}  // namespace tare
