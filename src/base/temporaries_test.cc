#include "base/temporaries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <thread>
#include <vector>

#include "base/atomic_file.h"
#include "base/atomic_folder.h"
#include "base/testing/temp_folder.h"

namespace tare {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// How a process ends that does `work` after main's first step.
int EndOf(const std::function<void()>& work) {
  const pid_t child = fork();
  if (child == 0) {
    HandleSignals();
    work();
    _exit(0);
  }
  int status = 0;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  return status;
}

testing::AssertionResult EndedBy(int status, int number) {
  if (WIFSIGNALED(status) && WTERMSIG(status) == number) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "wait status " << status;
}

class TemporariesTest : public testing::Test {
 protected:
  Result<AtomicFolder> NewFolder() {
    return AtomicFolder::Create(folder_.File("preset"), OldFolder::kReplace, "config.json");
  }

  const TempFolder folder_;
};

TEST_F(TemporariesTest, ASignalRemovesFilesAndFoldersAndThenEndsTheProcess) {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const int status = EndOf([&] {
      // Those that are gone leave their places on the list to others.
      for (int i = 0; i < 300; ++i) (void)AtomicFile::Create(folder_.File("gone"));
      auto file = AtomicFile::Create(folder_.File("model"));
      auto folder = NewFolder();
      (void)folder->MakeFolder("assets/tokenizer");
      for (int i = 0; i < 300; ++i) {
        std::ofstream(folder->temporary() + "/assets/tokenizer/" + std::to_string(i)) << "x";
      }
      auto inner = AtomicFile::Create(folder->temporary() + "/config.json");
      raise(number);
    });
    EXPECT_TRUE(EndedBy(status, number));
    EXPECT_THAT(folder_.Names(), IsEmpty());
  }
}

TEST_F(TemporariesTest, WhatWasCommittedStays) {
  const int status = EndOf([&] {
    auto file = AtomicFile::Create(folder_.File("model"));
    (void)file->CommitText("whole");
    auto folder = NewFolder();
    std::ofstream(folder->temporary() + "/config.json") << "{}";
    (void)folder->Commit();
    raise(SIGTERM);
  });
  EXPECT_TRUE(EndedBy(status, SIGTERM));
  EXPECT_THAT(folder_.Names(), testing::UnorderedElementsAre("model", "preset"));
  EXPECT_TRUE(std::filesystem::exists(folder_.File("preset/config.json")));
}

TEST_F(TemporariesTest, ASignalThatWasIgnoredStaysIgnored) {
  const auto before = signal(SIGHUP, SIG_IGN);
  const int status = EndOf([&] {
    auto file = AtomicFile::Create(folder_.File("model"));
    raise(SIGHUP);
    (void)file->CommitText("whole");
  });
  signal(SIGHUP, before);
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_THAT(folder_.Names(), ElementsAre("model"));
}

TEST_F(TemporariesTest, ACopyOfTheProcessRemovesNothing) {
  const int status = EndOf([&] {
    auto file = AtomicFile::Create(folder_.File("model"));
    const pid_t copy = fork();
    if (copy == 0) raise(SIGTERM);
    waitpid(copy, nullptr, 0);
    (void)file->CommitText("whole");
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_THAT(folder_.Names(), ElementsAre("model"));
}

// However threads stand as the signal comes: nothing temporary is left, and a file is whole.
TEST_F(TemporariesTest, ASignalMeetsThreadsThatMakeFiles) {
  constexpr int kSignals = 40;
  for (int i = 0; i < kSignals; ++i) {
    const int status = EndOf([&] {
      std::vector<std::thread> writers;
      for (const char* name : {"a", "b", "c"}) {
        writers.emplace_back([this, name] {
          while (true) (void)AtomicFile::Create(folder_.File(name))->CommitText("whole");
        });
      }
      while (folder_.Names().size() < 3) std::this_thread::yield();
      kill(getpid(), SIGTERM);
      for (std::thread& writer : writers) writer.join();
    });
    EXPECT_TRUE(EndedBy(status, SIGTERM));
    for (const std::string& name : folder_.Names()) {
      EXPECT_EQ(name.size(), 1u) << name;
      EXPECT_EQ(std::filesystem::file_size(folder_.File(name)), 5u) << name;
    }
  }
}

}  // namespace
}  // namespace tare
