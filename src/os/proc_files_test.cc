#include "os/proc_files.h"

#include <gtest/gtest.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace tare {
namespace {

TEST(ProcFilesTest, StatusIsReadInBytes) {
  const auto memory = ParseStatus(
      "Name:\tx\nVmHWM:\t  30 kB\nVmRSS:\t  20 kB\nRssAnon:\t  10 kB\nRssFile:\t  7 kB\n"
      "RssShmem:\t  3 kB\nVmSwap:\t  1 kB\n");
  ASSERT_TRUE(memory.has_value());
  EXPECT_EQ(memory->high_water_bytes, 30u * 1024);
  EXPECT_EQ(memory->rss_bytes, 20u * 1024);
  EXPECT_EQ(memory->shmem_bytes, 3u * 1024);
  EXPECT_EQ(memory->swap_bytes, 1024u);
}

TEST(ProcFilesTest, AZombiesStatusHasNoMemory) {
  EXPECT_FALSE(ParseStatus("Name:\tx\nState:\tZ (zombie)\n").has_value());
  EXPECT_FALSE(ParseStatm("", 4096).has_value());
}

TEST(ProcFilesTest, RollupGivesUssAsThePrivatePages) {
  const auto memory = ParseRollup(
      "55-7f ---p 0 00:00 0 [rollup]\nRss: 100 kB\nPss: 60 kB\nPss_Dirty: 1 kB\n"
      "Private_Clean: 20 kB\nPrivate_Dirty: 30 kB\nSwap: 2 kB\nSwapPss: 9 kB\n");
  ASSERT_TRUE(memory.has_value());
  EXPECT_EQ(memory->pss_bytes, 60u * 1024);
  EXPECT_EQ(memory->uss_bytes, 50u * 1024);
  EXPECT_EQ(memory->swap_bytes, 2u * 1024);
}

TEST(ProcFilesTest, StatmCountsPages) {
  const auto memory = ParseStatm("1000 50 20 1 0 99 0\n", 4096);
  ASSERT_TRUE(memory.has_value());
  EXPECT_EQ(memory->rss_bytes, 50u * 4096);
  EXPECT_EQ(memory->file_bytes, 20u * 4096);
}

TEST(ProcFilesTest, MapsKeepsFilesAndLeavesAnonymousMemoryOut) {
  const auto mappings = ParseMaps(
      "1000-3000 r--p 00002000 08:0a 77   /a file\n4000-5000 rw-p 00000000 00:00 0 "
      "[heap]\nrubbish\n");
  ASSERT_EQ(mappings.size(), 1u);
  EXPECT_EQ(mappings[0].begin, 0x1000u);
  EXPECT_EQ(mappings[0].end, 0x3000u);
  EXPECT_EQ(mappings[0].offset, 0x2000u);
  EXPECT_EQ(mappings[0].device, makedev(8, 10));
  EXPECT_EQ(mappings[0].inode, 77u);
}

TEST(ProcFilesTest, OurOwnStatusIsReadable) {
  const auto memory = ReadStatus(getpid());
  ASSERT_TRUE(memory.has_value());
  EXPECT_GT(memory->rss_bytes, 0u);
  EXPECT_FALSE(ReadStatus(-1).has_value());
}

}  // namespace
}  // namespace tare
