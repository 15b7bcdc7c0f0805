#include "os/page_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/mapped_file.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using ::testing::ElementsAre;

constexpr size_t kBytes = size_t{8} << 20;

class PageCacheTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, size_t bytes = kBytes) {
    const std::filesystem::path path = folder_.File(name);
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << std::string(bytes, 'x');
    return path.string();
  }

  TempFolder folder_;
};

TEST_F(PageCacheTest, AFileJustWrittenIsCachedAndEvictionDropsEvenItsDirtyPages) {
  const std::string path = Write("a");
  EXPECT_EQ(PageCacheBytes(path), kBytes);
  const CachedFile evicted = EvictFile(path);
  EXPECT_EQ(evicted.bytes, kBytes);
  // A file system in memory has nowhere else to keep them.
  if (evicted.cached_bytes == kBytes) GTEST_SKIP() << folder_.path() << " is not on a disk";
  EXPECT_EQ(evicted.cached_bytes, 0u);
  EXPECT_EQ(ReadCachedFile(path).cached_bytes, 0u);
}

TEST_F(PageCacheTest, PagesThatAProcessMapsStayAndAreSaidToStay) {
  const std::string path = Write("a");
  const Result<MappedFile> file = MappedFile::Open(path);
  ASSERT_TRUE(file.ok());
  unsigned sum = 0;
  for (size_t i = 0; i < kBytes / 2; i += 4096) sum += static_cast<unsigned>(file->bytes()[i]);
  ASSERT_GT(sum, 0u);
  EXPECT_GE(EvictFile(path).cached_bytes, kBytes / 2);
}

TEST_F(PageCacheTest, WhatIsNoFileIsNeitherReadNorEvicted) {
  EXPECT_EQ(PageCacheBytes(folder_.File("absent")), std::nullopt);
  EXPECT_EQ(EvictFile(folder_.File("absent")).cached_bytes, std::nullopt);
  EXPECT_EQ(EvictFile(folder_.path()).bytes, 0u);
  EXPECT_EQ(EvictFile("/dev/zero").cached_bytes, std::nullopt);
}

TEST_F(PageCacheTest, AModelIsItsFileOrTheFolderOrAllPartsOfASplitFile) {
  const std::string single = Write("m.gguf", 1);
  EXPECT_THAT(ModelFiles(single), ElementsAre(single));
  const std::string first = Write("big-00001-of-00002.gguf", 1);
  const std::string second = Write("big-00002-of-00002.gguf", 1);
  Write("other-00001-of-00002.gguf", 1);
  EXPECT_THAT(ModelFiles(second), ElementsAre(first, second));
  const std::string config = Write("preset/config.json", 1);
  const std::string weights = Write("preset/shards/w.h5", 1);
  EXPECT_THAT(ModelFiles(folder_.File("preset")), ElementsAre(config, weights));
  EXPECT_THAT(ModelFiles("absent.gguf"), ElementsAre("absent.gguf"));
}

}  // namespace
}  // namespace tare
