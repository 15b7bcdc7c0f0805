#include "bench/results/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "base/testing/fails_with.h"
#include "bench/report/report_json.h"
#include "bench/testing/sample_document.h"
#include "os/process_identity.h"

namespace tare {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::Sample;

class StoreTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(folder_); }
  void TearDown() override { fs::remove_all(folder_); }

  ResultStore Open() {
    Result<ResultStore> store = ResultStore::Open(path_, ResultStore::Mode::kCreate);
    EXPECT_TRUE(store.ok()) << store.error().message();
    return std::move(store).value();
  }
  // Runs `work` in a child process, which ends by the signal or exits with the returned status.
  template <typename Work>
  static int InChild(Work work) {
    const pid_t child = fork();
    if (child == 0) _exit(work());
    int status = 0;
    waitpid(child, &status, 0);
    return status;
  }

  const fs::path folder_ = fs::path(::testing::TempDir()) / ("store" + std::to_string(getpid()));
  const std::string path_ = (folder_ / "a/b/results.db").string();
};

TEST_F(StoreTest, WhatIsKeptComesBack) {
  ResultStore store = Open();
  Document document = Sample();
  const Result<uint64_t> id = store.Begin(document);
  ASSERT_TRUE(id.ok()) << id.error().message();
  for (const RunRecord& run : document.runs) ASSERT_TRUE(store.Add(*id, run).ok());
  ASSERT_TRUE(store.End(*id, false).ok());
  const Result<Document> loaded = store.Load(*id);
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  document.session.id = *id;
  EXPECT_EQ(RenderJson(*loaded), RenderJson(document));
}

TEST_F(StoreTest, RunsThatTellWhatARowNeedsAreFoundInAllSessions) {
  ResultStore store = Open();
  const Document document = Sample();
  ASSERT_TRUE(store.LimitedRuns()->empty());
  const uint64_t unlimited = *store.Begin(document);
  ASSERT_TRUE(store.Add(unlimited, document.runs[0]).ok());
  const uint64_t searched = *store.Begin(document);
  RunRecord search;
  search.row = "native";
  search.round = 2;
  search.required.emplace().required_bytes = 7;
  ASSERT_TRUE(store.Add(searched, document.runs[0]).ok());
  ASSERT_TRUE(store.Add(searched, search).ok());
  const uint64_t limited = *store.Begin(document);
  RunRecord stopped = document.runs[1];
  stopped.outcome.result.reset();
  stopped.outcome.failure = Failure{"oom-limit", "killed"};
  ASSERT_TRUE(store.Add(limited, stopped).ok());
  const Result<std::vector<Document>> found = store.LimitedRuns();
  ASSERT_TRUE(found.ok()) << found.error().message();
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].session.id, searched);
  ASSERT_EQ((*found)[0].runs.size(), 1u) << "the search, and no other run";
  EXPECT_EQ((*found)[0].runs[0].required->required_bytes, 7u);
  EXPECT_EQ((*found)[1].session.id, limited);
  ASSERT_EQ((*found)[1].runs.size(), 1u);
  EXPECT_EQ((*found)[1].runs[0].row, stopped.row);
}

TEST_F(StoreTest, ARunIsKeptOnce) {
  ResultStore store = Open();
  const Document document = Sample();
  const uint64_t id = *store.Begin(document);
  ASSERT_TRUE(store.Add(id, document.runs[0]).ok());
  const Status again = store.Add(id, document.runs[0]);
  ASSERT_FALSE(again.ok());
  EXPECT_THAT(again.error().message(), HasSubstr("already"));
  EXPECT_EQ(store.Load(id)->runs.size(), 1u);
}

TEST_F(StoreTest, SessionsHaveNames) {
  ResultStore store = Open();
  EXPECT_THAT(store.Find("last").error().message(), HasSubstr("no session"));
  const uint64_t first = *store.Begin(Sample());
  const uint64_t second = *store.Begin(Sample());
  EXPECT_EQ(*store.Find("last"), second);
  EXPECT_EQ(*store.Find("last~1"), first);
  EXPECT_EQ(*store.Find(std::to_string(first)), first);
  for (const char* name :
       {"last~2", "last~", "last~x", "99", "-1", "", "first", "1x", "99999999999999999999"}) {
    EXPECT_EQ(store.Find(name).error().code(), ErrorCode::kInvalidInput) << name;
  }
}

TEST_F(StoreTest, WhatAKilledProcessHadFinishedIsThereAndCanBeClaimed) {
  Open();
  const int status = InChild([&] {
    ResultStore store = Open();
    const Document document = Sample();
    const uint64_t id = *store.Begin(document);
    if (!store.Add(id, document.runs[0]).ok()) return 1;
    raise(SIGKILL);
    return 2;
  });
  ASSERT_TRUE(WIFSIGNALED(status));
  ResultStore store = Open();
  const uint64_t id = *store.FindUnfinished();
  EXPECT_EQ(store.List(10)->at(0).state, "interrupted");
  ASSERT_TRUE(store.Claim(id).ok());
  EXPECT_TRUE(store.Load(id)->interrupted);
  EXPECT_EQ(store.Load(id)->runs.size(), 1u);
  EXPECT_THAT(store.FindUnfinished(),
              FailsWith(ErrorCode::kInvalidInput, "no session that was interrupted"))
      << "this process works on it";
}

TEST_F(StoreTest, AClaimTakesOutWhatAnInterruptCutShort) {
  ResultStore store = Open();
  const Document document = Sample();
  const uint64_t id = *store.Begin(document);
  RunRecord cut = document.runs[1];
  cut.outcome.result.reset();
  cut.outcome.failure = Failure{"interrupted", "by a signal"};
  ASSERT_TRUE(store.Add(id, document.runs[0]).ok());
  ASSERT_TRUE(store.Add(id, cut).ok());
  ASSERT_TRUE(store.End(id, true).ok());
  ASSERT_TRUE(store.Claim(id).ok());
  ASSERT_EQ(store.Load(id)->runs.size(), 1u);
  EXPECT_TRUE(store.Add(id, document.runs[1]).ok());
}

TEST_F(StoreTest, ASessionThatIsCompleteOrBeingWorkedOnCannotBeClaimed) {
  ResultStore store = Open();
  const uint64_t running = *store.Begin(Sample());
  const int status = InChild([&] {
    ResultStore other = Open();
    return other.Claim(running).ok() ? 1 : 0;
  });
  EXPECT_EQ(status, 0);
  ASSERT_TRUE(store.End(running, false).ok());
  EXPECT_THAT(store.Claim(running).error().message(), HasSubstr("is complete"));
  EXPECT_EQ(store.Claim(77).error().code(), ErrorCode::kInvalidInput);
}

TEST_F(StoreTest, TwoWritersAtATimeLoseNothing) {
  constexpr uint64_t kRuns = 40;
  const auto write = [&] {
    ResultStore store = Open();
    const Document document = Sample();
    const Result<uint64_t> id = store.Begin(document);
    if (!id.ok()) return 1;
    for (uint64_t round = 0; round < kRuns; ++round) {
      RunRecord run = document.runs[0];
      run.round = round;
      if (!store.Add(*id, run).ok()) return 2;
    }
    return store.End(*id, false).ok() ? 0 : 3;
  };
  const pid_t child = fork();
  if (child == 0) _exit(write());
  EXPECT_EQ(write(), 0);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  ResultStore store = Open();
  EXPECT_EQ(store.Load(*store.Find("last"))->runs.size(), kRuns);
  EXPECT_EQ(store.Load(*store.Find("last~1"))->runs.size(), kRuns);
}

TEST_F(StoreTest, AFullDiskIsAnErrorAndWhatWasThereStays) {
  ResultStore store = Open();
  Document document = Sample();
  const uint64_t id = *store.Begin(document);
  ASSERT_TRUE(store.Add(id, document.runs[0]).ok());
  const int status = InChild([&] {
    const rlimit tight = {fs::file_size(path_), RLIM_INFINITY};
    signal(SIGXFSZ, SIG_IGN);
    setrlimit(RLIMIT_FSIZE, &tight);
    ResultStore full = Open();
    document.runs[1].outcome.output_tail = std::string(100'000, 'x');
    return full.Add(id, document.runs[1]).ok() ? 1 : 0;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(store.Load(id)->runs.size(), 1u);
  EXPECT_TRUE(store.Add(id, document.runs[1]).ok());
}

TEST_F(StoreTest, ANewerStoreIsRefusedWithBothVersions) {
  Open();
  {
    Result<Sqlite> database = Sqlite::Open(path_, Sqlite::Mode::kExisting);
    ASSERT_TRUE(database->Execute("PRAGMA user_version = 2").ok());
  }
  const Result<ResultStore> store = ResultStore::Open(path_, ResultStore::Mode::kExisting);
  ASSERT_FALSE(store.ok());
  EXPECT_EQ(store.error().code(), ErrorCode::kUnsupported);
  EXPECT_THAT(store.error().message(), HasSubstr("store version 2, this one reads up to 1"));
}

TEST_F(StoreTest, AnotherProgramsFileIsLeftAlone) {
  fs::create_directories(folder_);
  const std::string text = (folder_ / "text.db").string();
  std::ofstream(text) << "these are notes, and no database, whatever the name says\n";
  EXPECT_EQ(ResultStore::Open(text, ResultStore::Mode::kCreate).error().code(),
            ErrorCode::kCorruptFile);
  const std::string other = (folder_ / "other.db").string();
  {
    Result<Sqlite> database = Sqlite::Open(other, Sqlite::Mode::kCreate);
    ASSERT_TRUE(database->Execute("CREATE TABLE recipe (name TEXT)").ok());
  }
  EXPECT_THAT(ResultStore::Open(other, ResultStore::Mode::kCreate).error().message(),
              HasSubstr("of another program"));
}

TEST_F(StoreTest, AStoreThatIsNotThereIsNotMadeByReading) {
  EXPECT_THAT(ResultStore::Open(path_, ResultStore::Mode::kExisting),
              FailsWith(ErrorCode::kInvalidInput, "there are no results in"));
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(StoreTest, HashesAreKeptForUnchangedFilesOnly) {
  ResultStore store = Open();
  const HashCache hashes = store.Hashes();
  FileStamp stamp{"/m.gguf", 7, 123, 1, 99};
  EXPECT_EQ(hashes.find(stamp), "");
  hashes.keep(stamp, "abc");
  EXPECT_EQ(hashes.find(stamp), "abc");
  stamp.modified_ns = 124;
  EXPECT_EQ(hashes.find(stamp), "");
}

TEST(ProcessIdentityTest, OnlyTheLivingRun) {
  EXPECT_TRUE(StillRuns(OwnIdentity()));
  EXPECT_FALSE(StillRuns(""));
  EXPECT_FALSE(StillRuns("some text"));
  std::string other_start = OwnIdentity();
  other_start.back() = other_start.back() == '1' ? '2' : '1';
  EXPECT_FALSE(StillRuns(other_start)) << "its number may be another's by now";
}

}  // namespace
}  // namespace tare
