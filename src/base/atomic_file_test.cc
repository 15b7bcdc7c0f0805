#include "base/atomic_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

TEST(AtomicFileTest, AppearsWholeOnCommitAndNotBefore) {
  TempFolder folder;
  const std::string path = folder.File("model");
  std::ofstream(path) << "old";
  auto file = AtomicFile::Create(path);
  ASSERT_TRUE(file.ok()) << file.error().message();
  ASSERT_TRUE(file->Write(Bytes("new ")).ok());
  ASSERT_TRUE(file->Write(Bytes("text")).ok());
  EXPECT_EQ(ReadText(path), "old");
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(ReadText(path), "new text");
  EXPECT_THAT(folder.Names(), ElementsAre("model"));
}

TEST(AtomicFileTest, GivenUpItLeavesNothing) {
  TempFolder folder;
  {
    auto file = AtomicFile::Create(folder.File("model"));
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE(file->Write(Bytes("half")).ok());
    AtomicFile moved = std::move(*file);
  }
  EXPECT_THAT(folder.Names(), IsEmpty());
}

TEST(AtomicFileTest, TwoWritersOfOneNameDoNotMeet) {
  TempFolder folder;
  auto first = AtomicFile::Create(folder.File("model"));
  auto second = AtomicFile::Create(folder.File("model"));
  ASSERT_TRUE(first.ok() && second.ok());
  ASSERT_TRUE(first->Write(Bytes("1")).ok());
  ASSERT_TRUE(second->Write(Bytes("2")).ok());
  ASSERT_TRUE(second->Commit().ok());
  ASSERT_TRUE(first->Commit().ok());
  EXPECT_EQ(ReadText(folder.File("model")), "1");
  EXPECT_THAT(folder.Names(), ElementsAre("model"));
}

TEST(AtomicFileTest, HonoursTheUmask) {
  TempFolder folder;
  const mode_t before = ::umask(027);
  auto file = AtomicFile::Create(folder.File("model"));
  ::umask(before);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->Commit().ok());
  struct stat info = {};
  ASSERT_EQ(::stat(folder.File("model").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST(AtomicFileTest, NeverReplacesADeviceOrAFolder) {
  TempFolder folder;
  for (const std::string& path : {std::string("/dev/null"), folder.File(".")}) {
    const auto file = AtomicFile::Create(path);
    ASSERT_FALSE(file.ok()) << path;
    EXPECT_EQ(file.error().code(), ErrorCode::kInvalidInput);
    EXPECT_THAT(file.error().message(), HasSubstr("not a regular file"));
  }
}

TEST(AtomicFileTest, AFolderThatIsNotThereIsAnError) {
  TempFolder folder;
  const auto file = AtomicFile::Create(folder.File("gone/model"));
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code(), ErrorCode::kIo);
  EXPECT_THAT(file.error().message(), HasSubstr("No such file or directory"));
}

TEST(AtomicFileTest, ARenameThatFailsLeavesNothing) {
  TempFolder folder;
  {
    auto file = AtomicFile::Create(folder.File("model"));
    ASSERT_TRUE(file.ok());
    std::filesystem::create_directory(folder.File("model"));  // after the check at Create
    EXPECT_THAT(file->Commit(), FailsWith(ErrorCode::kIo, "Is a directory"));
  }
  EXPECT_THAT(folder.Names(), ElementsAre("model"));
  EXPECT_TRUE(std::filesystem::is_directory(folder.File("model")));
}

}  // namespace
}  // namespace tare
