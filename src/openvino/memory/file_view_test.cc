#include "openvino/memory/file_view.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "openvino/memory/weight_parking.h"
#include "openvino/testing/mapped_pages.h"
#include "openvino/testing/patterned_bytes.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

constexpr size_t kFileBytes = size_t{3} << 20;

// A file with a private, writable mapping.
class MappedFile {
 public:
  MappedFile() : path_(folder_.File("weights")) {
    const std::vector<std::byte> pattern = PatternedBytes(kFileBytes);
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(pattern.data()), kFileBytes);
    const int file = open(path_.c_str(), O_RDONLY | O_CLOEXEC);
    data_ = static_cast<std::byte*>(
        mmap(nullptr, kFileBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0));
    close(file);
  }
  ~MappedFile() { munmap(data_, kFileBytes); }
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<std::byte> bytes() { return {data_, kFileBytes}; }
  const std::string& path() const { return path_; }

 private:
  TempFolder folder_;
  std::string path_;
  std::byte* data_ = nullptr;
};

size_t CachedPages(std::span<const std::byte> pages) {
  std::vector<unsigned char> states((pages.size() + 4095) / 4096);
  auto* first = const_cast<std::byte*>(pages.data());
  EXPECT_EQ(mincore(first, pages.size(), states.data()), 0);
  return static_cast<size_t>(std::ranges::count_if(states, [](unsigned char s) { return s & 1; }));
}

bool SameBytes(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

Result<std::shared_ptr<const FileView>> ViewOf(std::span<const std::byte> bytes) {
  return FileView::Of(MemoryMap(), bytes);
}

TEST(FileViewTest, ShowsTheSameBytesWhereverTheyBegin) {
  MappedFile file;
  const std::span<std::byte> part = file.bytes().subspan(4096 * 5 + 123, kFileBytes / 2);
  const auto view = ViewOf(part);
  ASSERT_TRUE(view.ok()) << view.error().message();
  EXPECT_NE((*view)->bytes().data(), part.data());
  EXPECT_TRUE(SameBytes((*view)->bytes(), part));
}

TEST(FileViewTest, DroppedPagesLeaveTheProcessAndStayInThePageCache) {
  MappedFile file;
  const auto view = ViewOf(file.bytes());
  ASSERT_TRUE(view.ok()) << view.error().message();
  EXPECT_TRUE(SameBytes((*view)->bytes(), file.bytes()));
  EXPECT_EQ(MappedPages((*view)->bytes()), kFileBytes / 4096);
  (*view)->DropPages();
  EXPECT_EQ(MappedPages((*view)->bytes()), 0u);
  EXPECT_EQ(CachedPages((*view)->bytes()), kFileBytes / 4096);
  EXPECT_TRUE(SameBytes((*view)->bytes(), file.bytes()));
}

TEST(FileViewTest, WhatIsWrittenAfterwardsIsTheProgramsAlone) {
  MappedFile file;
  const auto view = ViewOf(file.bytes());
  ASSERT_TRUE(view.ok()) << view.error().message();
  const std::byte before = file.bytes()[5000];
  file.bytes()[5000] = ~before;
  (*view)->DropPages();
  EXPECT_EQ(file.bytes()[5000], ~before);
  EXPECT_EQ((*view)->bytes()[5000], before);
}

TEST(FileViewTest, PrivatePagesThatWereWrittenAreNoView) {
  MappedFile file;
  file.bytes()[5000] = std::byte{1};
  const auto view = ViewOf(file.bytes());
  ASSERT_FALSE(view.ok());
  EXPECT_THAT(view.error().message(), HasSubstr("written"));
}

TEST(FileViewTest, TheHeapIsNoView) {
  std::vector<std::byte> heap(kFileBytes, std::byte{1});
  EXPECT_THAT(ViewOf(heap),
              FailsWith(ErrorCode::kUnsupported, "are not in one private mapping of a file"));
}

TEST(FileViewTest, AnotherFileOfThatNameIsNotTakenForIt) {
  MappedFile file;
  const std::vector<std::byte> old(file.bytes().begin(), file.bytes().end());
  std::filesystem::remove(file.path());
  std::ofstream(file.path(), std::ios::binary) << std::string(kFileBytes, 'x');
  const auto view = ViewOf(file.bytes());
  // Only the kernel's link can find it.
  if (view.ok()) {
    EXPECT_TRUE(SameBytes((*view)->bytes(), old));
  }
  EXPECT_TRUE(SameBytes(file.bytes(), old));
}

TEST(FileViewTest, OutlivesTheProgramsMapping) {
  Result<std::shared_ptr<const FileView>> view = InvalidInput("none yet");
  std::vector<std::byte> old;
  {
    MappedFile file;
    old.assign(file.bytes().begin(), file.bytes().end());
    view = ViewOf(file.bytes());
  }
  ASSERT_TRUE(view.ok()) << view.error().message();
  (*view)->DropPages();
  EXPECT_TRUE(SameBytes((*view)->bytes(), old));
}

TEST(FileViewTest, OfParkedMemoryHoldsAllOfIt) {
  std::vector<std::byte> heap = PatternedBytes(kFileBytes + 77);
  const std::vector<std::byte> old = heap;
  auto parking = WeightParking::Open("/var/tmp", heap.size());
  ASSERT_TRUE(parking.ok()) << parking.error().message();
  const auto parked = parking->Park(heap);
  ASSERT_TRUE(parked.ok()) << parked.error().message();
  EXPECT_TRUE(SameBytes(parked->view->bytes(), old));  // including ends that fill no page
  heap[10000] = ~heap[10000];
  parked->view->DropPages();
  EXPECT_TRUE(SameBytes(parked->view->bytes(), old));
  EXPECT_EQ(heap[10000], ~old[10000]);
}

}  // namespace
}  // namespace tare
