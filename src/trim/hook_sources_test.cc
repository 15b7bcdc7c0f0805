#include "trim/hook_sources.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/testing/temp_folder.h"
#include "base/testing/test_paths.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

class HookSourcesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Write("src/openvino/hook_sources.txt", "openvino/hook.cc\n");
    Write("src/openvino/pass_sources.txt", "openvino/pass.cc\n");
    Write("src/openvino/hook.cc", "#include <map>\n#include \"openvino/hook.h\"\n");
    Write("src/openvino/hook.h", "#include \"tare/error.h\"\n");
    Write("src/openvino/pass.cc", "int pass;\n");
    Write("include/tare/error.h", "int error;\n");
    Write("src/openvino/unused.h", "int unused;\n");
  }
  void Write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = folder_.File(path);
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  uint64_t Hash() const {
    const Result<uint64_t> hash = HashOfHookSources(folder_.File(""));
    EXPECT_TRUE(hash.ok());
    return hash.ok() ? *hash : 0;
  }

  TempFolder folder_;
};

TEST_F(HookSourcesTest, EachFileThatTheHookIsMadeOfCounts) {
  for (const char* path : {"src/openvino/hook_sources.txt", "src/openvino/hook.cc",
                           "src/openvino/hook.h", "src/openvino/pass.cc", "include/tare/error.h"}) {
    const uint64_t before = Hash();
    Write(path, std::string(path).ends_with(".txt") ? "openvino/pass.cc\n" : "int changed;\n");
    EXPECT_NE(Hash(), before) << path;
    SetUp();
    EXPECT_EQ(Hash(), before) << path;
  }
}

TEST_F(HookSourcesTest, WhatNoSourceIncludesDoesNotCount) {
  const uint64_t before = Hash();
  Write("src/openvino/unused.h", "int changed;\n");
  EXPECT_EQ(Hash(), before);
}

TEST_F(HookSourcesTest, AFolderWithoutListsSaysHowToNameAnother) {
  std::filesystem::remove(folder_.File("src/openvino/pass_sources.txt"));
  const Result<uint64_t> hash = HashOfHookSources(folder_.File(""));
  ASSERT_FALSE(hash.ok());
  EXPECT_THAT(hash.error().message(), HasSubstr("TARE_SOURCE_DIR"));
}

TEST(HookSourcesOfThisTreeTest, EachSourceInTheListsIsThere) {
  for (const std::string_view list : {kHookSources, kPassSources}) {
    const auto sources = SourcesIn(list, SourceFile(""));
    ASSERT_TRUE(sources.ok()) << list;
    for (const std::string& path : *sources) EXPECT_TRUE(std::filesystem::exists(path)) << path;
  }
}

}  // namespace
}  // namespace tare
