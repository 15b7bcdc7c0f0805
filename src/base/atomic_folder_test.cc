#include "base/atomic_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

void Touch(const std::string& path) { std::ofstream(path) << "x"; }

TEST(AtomicFolderTest, AppearsWithCommitOnly) {
  const TempFolder folder;
  auto out = AtomicFolder::Create(folder.File("out"), OldFolder::kKeep, "mark");
  ASSERT_TRUE(out.ok());
  ASSERT_TRUE(out->MakeFolder("a/b").ok());
  Touch(out->temporary() + "/a/b/file");
  EXPECT_FALSE(std::filesystem::exists(folder.File("out")));
  ASSERT_TRUE(out->Commit().ok());
  EXPECT_TRUE(std::filesystem::exists(folder.File("out/a/b/file")));
  EXPECT_THAT(folder.Names(), UnorderedElementsAre("out"));
}

TEST(AtomicFolderTest, TakesThePlaceOfAnEmptyFolderAndOfALinksTarget) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.File("empty"));
  std::filesystem::create_symlink("empty", folder.File("link"));
  auto out = AtomicFolder::Create(folder.File("link/"), OldFolder::kKeep, "mark");
  ASSERT_TRUE(out.ok());
  Touch(out->temporary() + "/file");
  ASSERT_TRUE(out->Commit().ok());
  EXPECT_TRUE(std::filesystem::exists(folder.File("empty/file")));
  EXPECT_TRUE(std::filesystem::is_symlink(folder.File("link")));
}

TEST(AtomicFolderTest, ReplacesOnlyAFolderThatBearsTheMark) {
  const TempFolder folder;
  std::filesystem::create_directory(folder.File("other"));
  Touch(folder.File("other/letters"));
  const auto refused = AtomicFolder::Create(folder.File("other"), OldFolder::kReplace, "mark");
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), HasSubstr("has no mark"));

  Touch(folder.File("other/mark"));
  EXPECT_THAT(AtomicFolder::Create(folder.File("other"), OldFolder::kKeep, "mark"),
              FailsWith(ErrorCode::kInvalidInput, "exists and is not empty"));
  auto out = AtomicFolder::Create(folder.File("other"), OldFolder::kReplace, "mark");
  ASSERT_TRUE(out.ok());
  Touch(out->temporary() + "/new");
  EXPECT_TRUE(std::filesystem::exists(folder.File("other/letters")));
  ASSERT_TRUE(out->Commit().ok());
  EXPECT_TRUE(std::filesystem::exists(folder.File("other/new")));
  EXPECT_FALSE(std::filesystem::exists(folder.File("other/letters")));
  EXPECT_THAT(folder.Names(), UnorderedElementsAre("other"));
}

TEST(AtomicFolderTest, NothingRemainsOfOneThatIsGivenUp) {
  const TempFolder folder;
  {
    auto out = AtomicFolder::Create(folder.File("out"), OldFolder::kKeep, "mark");
    ASSERT_TRUE(out.ok());
    Touch(out->temporary() + "/file");
  }
  EXPECT_THAT(folder.Names(), IsEmpty());
}

TEST(AtomicFolderTest, RefusesAFileAndAFolderThatIsNotThere) {
  const TempFolder folder;
  Touch(folder.File("file"));
  const auto file = AtomicFolder::Create(folder.File("file"), OldFolder::kReplace, "mark");
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message(), HasSubstr("not a folder"));
  const auto lost = AtomicFolder::Create(folder.File("no/out"), OldFolder::kKeep, "mark");
  ASSERT_FALSE(lost.ok());
  EXPECT_THAT(lost.error().message(), HasSubstr("No such file"));
}

}  // namespace
}  // namespace tare
