#include "bench/results/model_hash.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include "bench/results/sha256.h"

namespace tare {
namespace {

namespace fs = std::filesystem;

std::string HashOf(std::string_view text, size_t piece) {
  Sha256 hash;
  for (size_t at = 0; at < text.size(); at += piece) {
    hash.Add(std::as_bytes(std::span(text.substr(at, piece))));
  }
  return hash.Finish();
}

TEST(Sha256Test, StandardsExamples) {
  EXPECT_EQ(HashOf("", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(HashOf("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(HashOf("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(HashOf(std::string(1'000'000, 'a'), 1000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256Test, PiecesDoNotMatter) {
  const std::string text(301, 'x');
  for (const size_t piece : {1, 55, 56, 63, 64, 65, 119, 128}) {
    EXPECT_EQ(HashOf(text, piece), HashOf(text, text.size())) << piece;
  }
}

class ModelHashTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Write(const std::string& name, std::string_view text) {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }
  std::string Hash(const std::string& path) {
    Result<std::string> hash = ModelHash(path, cache_);
    EXPECT_TRUE(hash.ok()) << hash.error().message();
    return hash.ok() ? *hash : "";
  }

  const fs::path folder_ =
      fs::path(::testing::TempDir()) / ("model_hash" + std::to_string(getpid()));
  std::map<std::string, std::pair<FileStamp, std::string>> kept_;
  int found_ = 0;
  const HashCache cache_ = {[this](const FileStamp& stamp) -> std::string {
                              const auto entry = kept_.find(stamp.path);
                              if (entry == kept_.end() || !(entry->second.first == stamp))
                                return "";
                              ++found_;
                              return entry->second.second;
                            },
                            [this](const FileStamp& stamp, const std::string& hash) {
                              kept_[stamp.path] = {stamp, hash};
                            }};
};

TEST_F(ModelHashTest, AFileIsReadOnceUntilItChanges) {
  const std::string path = Write("m.gguf", "abc");
  EXPECT_EQ(Hash(path), HashOf("abc", 3));
  EXPECT_EQ(Hash(path), HashOf("abc", 3));
  EXPECT_EQ(found_, 1);
  Write("m.gguf", "abcd");
  EXPECT_EQ(Hash(path), HashOf("abcd", 4));
  EXPECT_EQ(found_, 1);
}

TEST_F(ModelHashTest, AFolderIsItsFilesAndTheirNames) {
  Write("a/weights", "1");
  Write("a/sub/config", "2");
  Write("b/weights", "1");
  Write("b/sub/config", "2");
  const std::string a = Hash((folder_ / "a").string());
  EXPECT_EQ(a, Hash((folder_ / "b").string())) << "where it lies does not count";
  Write("b/.cache/note", "3");
  EXPECT_EQ(a, Hash((folder_ / "b").string())) << "hidden files do not count";
  fs::rename(folder_ / "b/weights", folder_ / "b/other");
  EXPECT_NE(a, Hash((folder_ / "b").string()));
}

TEST_F(ModelHashTest, WhatIsNotThereIsAnError) {
  EXPECT_FALSE(ModelHash((folder_ / "none").string(), cache_).ok());
  EXPECT_EQ(ModelHash("/dev/null", cache_).error().code(), ErrorCode::kInvalidInput);
}

}  // namespace
}  // namespace tare
