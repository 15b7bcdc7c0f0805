#include "openvino/memory/weight_parking.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/testing/fails_with.h"
#include "heap/page_dropper.h"
#include "openvino/testing/mapped_pages.h"
#include "openvino/testing/patterned_bytes.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

constexpr size_t kBytes = size_t{8} << 20;

MemoryKind KindOf(std::span<const std::byte> bytes) { return KindOfMemory(MemoryMap().Of(bytes)); }

std::string Folder() {
  return std::filesystem::exists("/var/tmp") ? "/var/tmp" : ::testing::TempDir();
}

WeightParking Opened() {
  Result<WeightParking> parking = WeightParking::Open(Folder(), kBytes);
  EXPECT_TRUE(parking.ok()) << parking.error().message();
  return std::move(parking).value();
}

std::span<std::byte> Parked(WeightParking& parking, std::span<std::byte> bytes) {
  const Result<WeightParking::Parked> parked = parking.Park(bytes);
  EXPECT_TRUE(parked.ok()) << parked.error().message();
  return parked.ok() ? parked->pages : std::span<std::byte>();
}

TEST(WeightParkingTest, KeepsBytesAndPlace) {
  std::vector<std::byte> buffer = PatternedBytes(kBytes);
  WeightParking parking = Opened();
  EXPECT_EQ(KindOf(buffer), MemoryKind::kAnonymous);
  const std::span<std::byte> pages = Parked(parking, buffer);
  EXPECT_GE(pages.size(), kBytes - 2 * 4096);
  EXPECT_EQ(FirstWrong(buffer), kBytes);
  EXPECT_FALSE(HasOwnPages(pages));
  buffer[kBytes / 2] = std::byte{1};
  EXPECT_TRUE(HasOwnPages(pages));
}

TEST(WeightParkingTest, PagesLeaveAndComeBack) {
  std::vector<std::byte> buffer = PatternedBytes(kBytes);
  WeightParking parking = Opened();
  const std::span<std::byte> pages = Parked(parking, buffer);
  EXPECT_EQ(FirstWrong(buffer), kBytes);
  EXPECT_GT(MappedPages(pages), 1000u);
  for (int i = 0; i < 100 && MappedPages(pages) > 16; ++i) {
    DropPages(pages);
    usleep(10000);  // pages just read in may wait in a per-CPU list
  }
  EXPECT_LE(MappedPages(pages), 16u);
  EXPECT_EQ(FirstWrong(buffer), kBytes);
}

TEST(WeightParkingTest, WritesAfterParkingStay) {
  std::vector<std::byte> buffer = PatternedBytes(kBytes);
  WeightParking parking = Opened();
  const std::span<std::byte> pages = Parked(parking, buffer);
  for (size_t i = 0; i < kBytes; i += 10000) buffer[i] = ~PatternAt(i);
  for (int i = 0; i < 5; ++i) DropPages(pages);
  for (size_t i = 0; i < kBytes; ++i) {
    const std::byte expected = i % 10000 == 0 ? ~PatternAt(i) : PatternAt(i);
    ASSERT_EQ(buffer[i], expected) << i;
  }
}

TEST(WeightParkingTest, WritesWhilePagesAreDroppedStay) {
  std::vector<std::byte> buffer = PatternedBytes(kBytes);
  WeightParking parking = Opened();
  const std::span<std::byte> pages = Parked(parking, buffer);
  {
    PageDropper dropper([&] { DropPages(pages); }, std::chrono::milliseconds(10));
    std::thread writers[2];
    for (size_t t = 0; t < 2; ++t) {
      writers[t] = std::thread([&buffer, t] {
        for (size_t i = t; i < kBytes; i += 1021 * 2) buffer[i] = ~PatternAt(i);
      });
    }
    for (std::thread& writer : writers) writer.join();
  }
  for (size_t i = 0; i < kBytes; ++i) {
    const bool written = i % (1021 * 2) <= 1;
    ASSERT_EQ(buffer[i], written ? ~PatternAt(i) : PatternAt(i)) << i;
  }
}

TEST(WeightParkingTest, FreedMemoryIsUsedAgain) {
  WeightParking parking = Opened();
  for (int round = 0; round < 4; ++round) {
    // Below and above the size at which malloc uses mmap.
    std::vector<std::byte> first = PatternedBytes(size_t{100} << 10);
    std::vector<std::byte> second = PatternedBytes(kBytes / 4);
    Parked(parking, first);
    Parked(parking, second);
    std::vector<std::byte>().swap(first);
    std::vector<std::byte>().swap(second);
    const std::vector<std::byte> again = PatternedBytes(size_t{100} << 10);
    const std::vector<std::byte> larger = PatternedBytes(kBytes / 2);
    EXPECT_EQ(FirstWrong(again), size_t{100} << 10);
    EXPECT_EQ(FirstWrong(larger), kBytes / 2);
    const std::unique_ptr<void, void (*)(void*)> zeros(std::calloc(kBytes / 4, 1), &std::free);
    const auto* bytes = static_cast<const char*>(zeros.get());
    EXPECT_TRUE(std::all_of(bytes, bytes + kBytes / 4, [](char c) { return c == 0; }));
  }
}

TEST(WeightParkingTest, AChildHasItsOwn) {
  std::vector<std::byte> buffer = PatternedBytes(kBytes);
  WeightParking parking = Opened();
  const std::span<std::byte> pages = Parked(parking, buffer);
  const pid_t child = fork();
  if (child == 0) {
    const bool right = FirstWrong(buffer) == kBytes;
    std::memset(buffer.data(), 0, kBytes);
    _exit(right ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  DropPages(pages);
  EXPECT_EQ(FirstWrong(buffer), kBytes);
}

TEST(WeightParkingTest, ADiskThatIsFullMidwayLeavesTheRestInPlace) {
  std::vector<std::byte> first = PatternedBytes(kBytes), second = PatternedBytes(kBytes);
  WeightParking parking = Opened();
  Parked(parking, first);
  rlimit old;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &old), 0);
  const rlimit full = {kBytes * 2 - 4096, old.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &full), 0);
  const Result<WeightParking::Parked> pages = parking.Park(second);
  setrlimit(RLIMIT_FSIZE, &old);
  ASSERT_THAT(pages, FailsWith(ErrorCode::kUnsupported, "files may not be larger than"));
  EXPECT_TRUE(HasOwnPages(WholePages(second)));
  EXPECT_EQ(FirstWrong(second), kBytes);
  EXPECT_EQ(FirstWrong(first), kBytes);
}

TEST(WeightParkingTest, NeverOnTmpfs) {
  const Result<WeightParking> parking = WeightParking::Open("/dev/shm", kBytes);
  ASSERT_FALSE(parking.ok());
  EXPECT_THAT(parking.error().message(), HasSubstr("in memory itself"));
}

TEST(WeightParkingTest, NeverOnADiskThatWouldBeFull) {
  const Result<WeightParking> parking = WeightParking::Open(Folder(), uint64_t{1} << 60);
  ASSERT_FALSE(parking.ok());
  EXPECT_EQ(parking.error().code(), ErrorCode::kOutOfMemory);
}

TEST(WeightParkingTest, NamesWhatMemoryIs) {
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  auto* shared = static_cast<std::byte*>(
      mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  EXPECT_EQ(KindOf({shared, page}), MemoryKind::kOther);
  munmap(shared, 2 * page);
  EXPECT_EQ(KindOf({shared, page}), MemoryKind::kOther);
  auto* mixture = static_cast<std::byte*>(
      mmap(nullptr, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  EXPECT_EQ(KindOf({mixture, 3 * page}), MemoryKind::kAnonymous);
  mprotect(mixture + page, page, PROT_NONE);
  EXPECT_EQ(KindOf({mixture, 3 * page}), MemoryKind::kOther);
  EXPECT_EQ(KindOf({mixture + 2 * page, page}), MemoryKind::kAnonymous);
  munmap(mixture + page, page);
  EXPECT_EQ(KindOf({mixture, 3 * page}), MemoryKind::kOther);
  munmap(mixture, 3 * page);
  std::byte on_stack[64];
  EXPECT_EQ(KindOf(on_stack), MemoryKind::kOther);
}

}  // namespace
}  // namespace tare
