#include "heap/huge_allocations.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "base/units.h"

namespace tare {
namespace {

class Block {
 public:
  Block(size_t alignment, size_t bytes) : bytes_(bytes) {
    failure_ = posix_memalign(&memory_, alignment, bytes);
  }
  ~Block() { std::free(memory_); }
  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  int failure() const { return failure_; }
  bool at_huge_page() const { return reinterpret_cast<uintptr_t>(memory_) % kHugePageBytes == 0; }
  char* data() { return static_cast<char*>(memory_); }
  void Fill() { std::memset(memory_, 1, bytes_); }

 private:
  void* memory_ = nullptr;
  size_t bytes_;
  int failure_;
};

// What /proc/self/smaps says of the mapping that an address lies in.
struct Mapping {
  bool asked = false;  // for huge pages
  uint64_t huge_bytes = 0;
};

Mapping MappingOf(const char* address) {
  const auto wanted = reinterpret_cast<uintptr_t>(address);
  std::ifstream smaps("/proc/self/smaps");
  Mapping found;
  bool inside = false;
  for (std::string line; std::getline(smaps, line);) {
    std::istringstream fields(line);
    std::string name;
    fields >> name;
    if (name.find('-') != name.npos) {
      const size_t dash = name.find('-');
      inside = std::stoull(name.substr(0, dash), nullptr, 16) <= wanted &&
               wanted < std::stoull(name.substr(dash + 1), nullptr, 16);
    } else if (inside && name == "AnonHugePages:") {
      fields >> found.huge_bytes;
      found.huge_bytes *= 1024;
    } else if (inside && name == "VmFlags:") {
      found.asked = line.find(" hg") != line.npos;
    }
  }
  return found;
}

bool KernelHasHugePages() {
  std::ifstream file("/sys/kernel/mm/transparent_hugepage/enabled");
  std::string line;
  std::getline(file, line);
  return file && line.find("[never]") == line.npos;
}

TEST(HugeAllocationsTest, ABlockLiesInHugePagesButForItsTail) {
  const HugeAllocations asking(HugePace::kAny);
  const uint64_t before = HugeAllocationBytes();
  Block block(64, 9 * kMebibyte);
  ASSERT_EQ(block.failure(), 0);
  block.Fill();
  if (!CanAskForHugePages()) {
    EXPECT_EQ(HugeAllocationBytes(), before);
    return;
  }
  EXPECT_TRUE(block.at_huge_page());
  EXPECT_EQ(HugeAllocationBytes() - before, 8 * kMebibyte);
  for (const size_t inside : {size_t{0}, 8 * kMebibyte - 1}) {
    const Mapping whole = MappingOf(block.data() + inside);
    EXPECT_TRUE(whole.asked);
    EXPECT_EQ(whole.huge_bytes, KernelHasHugePages() ? 8 * kMebibyte : 0);
  }
  EXPECT_FALSE(MappingOf(block.data() + 8 * kMebibyte).asked);
}

TEST(HugeAllocationsTest, WhatIsNotWrittenTakesNoMemory) {
  const HugeAllocations asking(HugePace::kAny);
  Block block(64, 64 * kMebibyte);
  ASSERT_EQ(block.failure(), 0);
  // The first two are touched to see how long that takes.
  EXPECT_LE(MappingOf(block.data()).huge_bytes, 4 * kMebibyte);
}

TEST(HugeAllocationsTest, OtherBlocksAreAsTheyWere) {
  const uint64_t before = HugeAllocationBytes();
  Block earlier(64, 4 * kMebibyte);
  EXPECT_FALSE(MappingOf(earlier.data()).asked);
  {
    const HugeAllocations asking(HugePace::kAny);
    const HugeAllocations twice(HugePace::kAny);
    Block small(64, 2 * kMebibyte - 1);
    EXPECT_FALSE(MappingOf(small.data()).asked);
  }
  Block later(64, 4 * kMebibyte);
  EXPECT_FALSE(MappingOf(later.data()).asked);
  EXPECT_EQ(HugeAllocationBytes(), before);
}

TEST(HugeAllocationsTest, AsksUntilTheLastEnds) {
  if (!CanAskForHugePages()) {
    EXPECT_EQ(HugeAllocationBytes(), 0u);
    return;
  }
  const uint64_t before = HugeAllocationBytes();
  BeginHugeAllocations(HugePace::kAny);
  { const HugeAllocations inner(HugePace::kAny); }
  Block block(64, 4 * kMebibyte);
  EndHugeAllocations();
  EXPECT_EQ(HugeAllocationBytes() - before, 4 * kMebibyte);
}

TEST(HugeAllocationsTest, KeepsAnAlignmentThatIsLarger) {
  const HugeAllocations asking(HugePace::kAny);
  Block block(8 * kMebibyte, 4 * kMebibyte);
  ASSERT_EQ(block.failure(), 0);
  EXPECT_EQ(reinterpret_cast<uintptr_t>(block.data()) % (8 * kMebibyte), 0u);
}

TEST(HugeAllocationsTest, RefusesWhatTheCLibraryRefuses) {
  const HugeAllocations asking(HugePace::kAny);
  for (const size_t alignment : {size_t{4}, size_t{24}}) {
    EXPECT_EQ(Block(alignment, 4 * kMebibyte).failure(), EINVAL) << alignment;
  }
  EXPECT_EQ(Block(64, SIZE_MAX / 2).failure(), ENOMEM);
  EXPECT_EQ(Block(64, 4 * kMebibyte).failure(), 0);
}

TEST(HugeAllocationsTest, LibrariesThatAreLoadedFindIt) {
  void* const found = dlsym(RTLD_DEFAULT, "posix_memalign");
  Dl_info ours, theirs;
  ASSERT_NE(dladdr(reinterpret_cast<void*>(&MappingOf), &ours), 0);
  ASSERT_NE(dladdr(found, &theirs), 0);
  EXPECT_TRUE(ours.dli_fbase == theirs.dli_fbase || !CanAskForHugePages());
}

}  // namespace
}  // namespace tare
