#include "bench/result_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "bench/proc_files.h"

namespace tare {
namespace {

std::string FreshFolder(const std::string& name) {
  const std::string folder = ::testing::TempDir() + "/" + name + std::to_string(getpid());
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder;
}

TEST(ResultLogTest, MakesFoldersAndKeepsWholeRecords) {
  const std::string path = FreshFolder("log") + "/a/b/results.jsonl";
  Result<ResultLog> log = ResultLog::Create(path);
  ASSERT_TRUE(log.ok()) << log.error().message();
  ASSERT_TRUE(log->Append("one\n").ok());
  ASSERT_TRUE(log->Append("two\n").ok());
  EXPECT_EQ(*ReadSmallFile(path), "one\ntwo\n");
  EXPECT_FALSE(ResultLog::Create(path).ok()) << "an existing file must not be overwritten";
}

TEST(ResultLogTest, ARecordThatDoesNotFitIsTakenBack) {
  const std::string path = FreshFolder("full") + "/results.jsonl";
  Result<ResultLog> log = ResultLog::Create(path);
  ASSERT_TRUE(log.ok());
  ASSERT_TRUE(log->Append("whole\n").ok());
  rlimit before;
  getrlimit(RLIMIT_FSIZE, &before);
  rlimit tight = before;
  tight.rlim_cur = 10;  // like a disk that is full after four more bytes
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &tight);
  const Status appended = log->Append("too long to fit\n");
  setrlimit(RLIMIT_FSIZE, &before);
  ASSERT_FALSE(appended.ok());
  EXPECT_THAT(appended.error().message(), ::testing::HasSubstr(path));
  EXPECT_EQ(*ReadSmallFile(path), "whole\n");
}

}  // namespace
}  // namespace tare
