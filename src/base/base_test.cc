#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/check.h"
#include "base/checked_math.h"
#include "base/cpu_isa.h"
#include "base/error.h"
#include "base/mapped_file.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

Result<int> Half(int x) {
  if (x % 2 != 0) return InvalidInput("{} is odd", x);
  return x / 2;
}

Result<int> Quarter(int x) {
  TARE_ASSIGN_OR_RETURN(const int half, Half(x));
  TARE_ASSIGN_OR_RETURN(const int quarter, Half(half));
  return quarter;
}

Status AllHalves(int x) {
  TARE_RETURN_IF_ERROR(Half(x));
  return {};
}

TEST(ErrorTest, TravelsUpWithItsCodeAndPlace) {
  EXPECT_EQ(*Quarter(12), 3);
  EXPECT_EQ(Quarter(6).error().message(), "3 is odd");
  EXPECT_FALSE(AllHalves(3).ok());
  EXPECT_TRUE(AllHalves(4).ok());
  const Error error = Half(3).error().In("counting");
  EXPECT_EQ(error.message(), "counting: 3 is odd");
  EXPECT_EQ(error.code(), ErrorCode::kInvalidInput);
  EXPECT_EQ(ErrorCodeName(error.code()), "invalid input");
}

TEST(ErrorTest, NamesWhatTheSystemSaid) {
  EXPECT_EQ(ErrnoError(ENOENT, "x").message(), "x: No such file or directory (errno 2)");
  EXPECT_EQ(ErrnoError(ENOENT, "x").code(), ErrorCode::kIo);
  EXPECT_EQ(ErrnoError(ENOMEM, "x").code(), ErrorCode::kOutOfMemory);
}

TEST(CheckDeathTest, PrintsBothValues) {
  EXPECT_DEATH(TARE_CHECK_EQ(1 + 1, 3), "2 vs 3");
  EXPECT_DEATH(TARE_CHECK(1 > 2), "1 > 2");
}

TEST(CheckedMathTest, KnowsWhatDoesNotFit) {
  EXPECT_EQ(CheckedAdd<uint8_t>(250, 5), 255);
  EXPECT_EQ(CheckedAdd<uint8_t>(250, 6), std::nullopt);
  EXPECT_EQ(CheckedMul<size_t>(SIZE_MAX / 2, 2), SIZE_MAX - 1);
  EXPECT_EQ(CheckedMul<size_t>(SIZE_MAX / 2 + 1, 2), std::nullopt);
  EXPECT_EQ(CheckedRoundUp<size_t>(33, 32), 64u);
  EXPECT_EQ(CheckedRoundUp<size_t>(64, 32), 64u);
  EXPECT_EQ(CheckedRoundUp<size_t>(SIZE_MAX - 1, 32), std::nullopt);
}

TEST(AlignedBufferTest, IsAlignedOrSaysNo) {
  for (size_t size : {1, 63, 64, 1000}) {
    const auto buffer = AlignedBuffer::Allocate(size);
    ASSERT_TRUE(buffer.ok());
    EXPECT_EQ(reinterpret_cast<uintptr_t>(buffer->data()) % 64, 0u);
    std::memset(buffer->data(), 1, size);
  }
  EXPECT_EQ(AlignedBuffer::Allocate(0)->data(), nullptr);
  for (size_t size : {SIZE_MAX, SIZE_MAX - 64, SIZE_MAX / 2}) {
    EXPECT_EQ(AlignedBuffer::Allocate(size).error().code(), ErrorCode::kOutOfMemory);
  }
}

class MappedFileTest : public ::testing::Test {
 protected:
  const TempFolder temp_;
  const std::string& folder_ = temp_.path();
};

TEST_F(MappedFileTest, ShowsTheBytesAndMoves) {
  std::ofstream(folder_ + "/a") << "hello";
  auto file = MappedFile::Open(folder_ + "/a");
  ASSERT_TRUE(file.ok());
  const MappedFile moved = *std::move(file);
  ASSERT_EQ(moved.bytes().size(), 5u);
  EXPECT_EQ(std::memcmp(moved.bytes().data(), "hello", 5), 0);
  EXPECT_EQ(moved.path(), folder_ + "/a");
}

TEST_F(MappedFileTest, DroppedPagesLeaveMemoryAndComeBack) {
  const size_t page = static_cast<size_t>(::sysconf(_SC_PAGESIZE));
  std::ofstream(folder_ + "/a") << std::string(64 * page, 'x');
  const auto file = MappedFile::Open(folder_ + "/a");
  ASSERT_TRUE(file.ok());
  const auto resident = [&] {
    std::vector<uint64_t> entries(64);
    const uintptr_t first = reinterpret_cast<uintptr_t>(file->bytes().data()) / page;
    const int pagemap = ::open("/proc/self/pagemap", O_RDONLY);
    EXPECT_EQ(::pread(pagemap, entries.data(), 64 * sizeof(uint64_t),
                      static_cast<off_t>(first * sizeof(uint64_t))),
              static_cast<ssize_t>(64 * sizeof(uint64_t)));
    ::close(pagemap);
    return std::count_if(entries.begin(), entries.end(),
                         [](uint64_t entry) { return entry >> 63 != 0; });
  };
  const auto all_x = [&] {
    return std::all_of(file->bytes().begin(), file->bytes().end(),
                       [](std::byte b) { return b == std::byte{'x'}; });
  };
  EXPECT_TRUE(all_x());
  EXPECT_EQ(resident(), 64);
  // Pages that the range cuts stay.
  file->Drop(file->bytes().subspan(1, 60 * page));
  EXPECT_EQ(resident(), 5);
  EXPECT_TRUE(all_x());
}

TEST_F(MappedFileTest, AnEmptyFileIsEmpty) {
  std::ofstream(folder_ + "/empty").flush();
  EXPECT_TRUE(MappedFile::Open(folder_ + "/empty")->bytes().empty());
}

TEST_F(MappedFileTest, RefusesWhatIsNoFile) {
  EXPECT_THAT(MappedFile::Open(folder_ + "/none").error().message(), HasSubstr("No such file"));
  EXPECT_THAT(MappedFile::Open(folder_).error().message(), HasSubstr("directory"));
  // A pipe without a writer must not make the reader wait.
  ASSERT_EQ(::mkfifo((folder_ + "/pipe").c_str(), 0600), 0);
  EXPECT_THAT(MappedFile::Open(folder_ + "/pipe").error().message(),
              HasSubstr("not a regular file"));
}

class CpuIsaTest : public ::testing::Test {
 protected:
  void TearDown() override { ::unsetenv("TARE_CPU_ISA"); }
};

TEST_F(CpuIsaTest, TakesTheBestUnlessTold) {
  ::unsetenv("TARE_CPU_ISA");
  EXPECT_EQ(*ChooseCpuIsa(), SupportedCpuIsas().back());
  for (CpuIsa isa : SupportedCpuIsas()) {
    ::setenv("TARE_CPU_ISA", std::string(CpuIsaName(isa)).c_str(), 1);
    EXPECT_EQ(*ChooseCpuIsa(), isa);
  }
}

TEST_F(CpuIsaTest, RefusesWhatIsUnknown) {
  ::setenv("TARE_CPU_ISA", "avx9", 1);
  EXPECT_EQ(ChooseCpuIsa().error().code(), ErrorCode::kInvalidInput);
  EXPECT_THAT(ChooseCpuIsa().error().message(), HasSubstr("avx9"));
}

}  // namespace
}  // namespace tare
