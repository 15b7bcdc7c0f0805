#include "base/installed_paths.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "base/testing/temp_folder.h"
#include "base/testing/test_paths.h"

namespace tare {
namespace {

TEST(InstalledPathsTest, ABuildFolderIsLaidOutAsAnInstalledTree) {
  EXPECT_EQ(InstalledPath("share/tare"), BuiltFile("share/tare"));
  for (const char* file :
       {"workers/tare_worker.py", "suites/study.json", "python/tare_lean/site/sitecustomize.py",
        "src/openvino/hook/compile_hook.cc", "include/tare/error.h"}) {
    EXPECT_TRUE(std::filesystem::exists(InstalledPath("share/tare/") + file)) << file;
  }
}

TEST(InstalledPathsTest, AnotherProgramFindsWhatLiesBesideTheTareOfPath) {
  const TempFolder folder;
  const std::string old_path = ::getenv("PATH");
  ::setenv("PATH", (folder.path() + "/links").c_str(), 1);
  EXPECT_EQ(InstalledPathOfTare("libexec/tare"), "");

  std::filesystem::create_directories(folder.path() + "/prefix/bin");
  std::filesystem::create_directories(folder.path() + "/links");
  const std::string program = folder.path() + "/prefix/bin/tare";
  std::ofstream(program) << "#!/bin/sh\n";
  std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  std::filesystem::create_symlink(program, folder.path() + "/links/tare");
  EXPECT_EQ(InstalledPathOfTare("libexec/tare"), folder.path() + "/prefix/libexec/tare");
  ::setenv("PATH", old_path.c_str(), 1);
}

}  // namespace
}  // namespace tare
