#include "bench/plan/quality.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <vector>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using Ids = std::vector<uint32_t>;

Ids Counting(uint32_t count) {
  Ids ids(count);
  std::iota(ids.begin(), ids.end(), 100u);
  return ids;
}

TEST(QualitySequencesTest, AreSpreadOverTheText) {
  const auto found = QualitySequences({7}, Counting(1000), 100, 5000).value();
  ASSERT_EQ(found.size(), kMostQualitySequences);
  for (const Ids& ids : found) {
    ASSERT_EQ(ids.size(), 100u);
    EXPECT_EQ(ids[0], 7u);
    EXPECT_EQ(ids[99], ids[1] + 98);
  }
  EXPECT_EQ(found.front()[1], 100u);
  EXPECT_EQ(found.back()[99], 1099u);
  EXPECT_GE(found[1][1], found[0][99]);
}

TEST(QualitySequencesTest, TakeNoMoreRoomThanAllowed) {
  constexpr size_t kVocabulary = size_t{1} << 18;  // a MiB a position
  const auto found = QualitySequences({}, Counting(5000), 0, kVocabulary).value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].size(), kQualitySequence);
  EXPECT_EQ(QualitySequences({}, Counting(5000), 0, kVocabulary / 2).value().size(), 2u);
}

TEST(QualitySequencesTest, AShortTextIsOneSequence) {
  const auto found = QualitySequences({7}, Counting(9), 0, 50).value();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].size(), 10u);
  EXPECT_THAT(QualitySequences({}, Counting(1), 0, 50),
              FailsWith(ErrorCode::kInvalidInput, "1 token of text"));
  EXPECT_THAT(QualitySequences({7}, Counting(9), 2, 50),
              FailsWith(ErrorCode::kInvalidInput, "a context of 2"));
}

TEST(QualityTextTest, IsThere) {
  const Result<std::string> text = ReadQualityText();
  ASSERT_TRUE(text.ok()) << text.error().message();
  EXPECT_GT(text->size(), 8000u);
}

class CompareLogitsTest : public ::testing::Test {
 protected:
  ScoredLogits Write(const std::string& name, const std::vector<std::vector<float>>& rows) {
    std::ofstream file(folder_.File(name), std::ios::binary);
    for (const std::vector<float>& row : rows) {
      file.write(reinterpret_cast<const char*>(row.data()),
                 static_cast<std::streamsize>(row.size() * sizeof(float)));
    }
    return {folder_.File(name), {rows.size(), rows[0].size()}};
  }

  const TempFolder folder_;
};

TEST_F(CompareLogitsTest, GoesThroughAllSequences) {
  const std::vector<Ids> sequences = {{0, 2}, {1, 0, 2}};
  const auto p = Write("p", {{0, 1, 2}, {3, 0, 0}, {0, 0, 5}});
  const auto same = CompareLogits(p, p, sequences);
  ASSERT_TRUE(same.ok()) << same.error().message();
  EXPECT_EQ(same->positions, 3u);
  EXPECT_EQ(same->mean_kl, 0);
  // A vocabulary that is padded is cut.
  const auto padded = Write("q", {{0, 1, 2, 9}, {3, 0, 0, 9}, {5, 0, 0, 9}});
  const auto other = CompareLogits(p, padded, sequences);
  ASSERT_TRUE(other.ok()) << other.error().message();
  EXPECT_DOUBLE_EQ(other->top1_agreement, 2.0 / 3);
  EXPECT_GT(other->mean_kl, 0);
}

TEST_F(CompareLogitsTest, RefusesWhatDoesNotFit) {
  const std::vector<Ids> sequences = {{0, 1, 1}};
  const auto p = Write("p", {{0, 1}, {1, 0}});
  ScoredLogits cut = Write("q", {{0, 1}, {1, 0}});
  std::filesystem::resize_file(cut.path, 12);
  EXPECT_THAT(CompareLogits(p, cut, sequences),
              FailsWith(ErrorCode::kInvalidInput, "wrote 12 bytes of logits"));
  EXPECT_THAT(CompareLogits(p, Write("r", {{0, 1}}), sequences),
              FailsWith(ErrorCode::kInvalidInput, "1 position"));
  EXPECT_FALSE(CompareLogits(p, p, {{0, 9, 1}}).ok()) << "an id outside the vocabulary";
}

TEST(LogitsFileTest, IsRemoved) {
  const TempFolder folder;
  {
    LogitsFile file = LogitsFile::Create(folder.File("new"), "x").value();
    const LogitsFile moved = std::move(file);
    EXPECT_TRUE(std::filesystem::exists(moved.path()));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.File("new")));
}

}  // namespace
}  // namespace tare
