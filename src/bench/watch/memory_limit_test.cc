// Workers in memory cgroups. Every test is skipped, with the reason, where this process cannot
// create them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>

#include "base/units.h"
#include "bench/testing/cgroup_test.h"
#include "bench/testing/fake_worker.h"
#include "bench/testing/weighs_exactly.h"
#include "bench/watch/worker_files.h"
#include "bench/watch/worker_run.h"
#include "os/proc_files.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kTolerance = 2 * kMebibyte;

class MemoryLimitTest : public CgroupTest {
 protected:
  WorkerOutcome Run(const std::string& mode, std::optional<uint64_t> limit_bytes,
                    double timeout_s = 30) {
    WorkerRunOptions options;
    options.command = {FakeWorker(), {"fake_worker", mode}, {}};
    options.run = TwoGenerations("model.gguf");
    options.stage_timeout_ns = static_cast<uint64_t>(timeout_s * 1e9);
    options.cgroups = &place_->parent();
    options.limit_bytes = limit_bytes;
    options.files = files_;
    return RunWorker(options, *interrupt_);
  }

  // The number of our cgroups that still exist.
  size_t Left() const {
    size_t left = 0;
    for (const auto& entry : std::filesystem::directory_iterator(place_->parent().folder)) {
      const std::string mine = fmt::format("-{}-", getpid());
      if (entry.path().filename().string().find(mine) != std::string::npos) ++left;
    }
    return left;
  }

  std::set<std::string>* files_ = nullptr;
};

TEST_F(MemoryLimitTest, UnderALimitThatIsEnoughARunIsLikeAnyOther) {
  const WorkerOutcome outcome = Run("anon:64", 256 * kMebibyte);
  ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message;
  EXPECT_EQ(outcome.memory.limit_bytes, 256 * kMebibyte);
  EXPECT_EQ(outcome.memory.peak_swap_bytes, 0u);
  EXPECT_EQ(Left(), 0u);
}

TEST_F(MemoryLimitTest, WhatTheLimitKillsSaysSoAndInWhichStage) {
  const WorkerOutcome outcome = Run("anon:256", 96 * kMebibyte);
  ASSERT_TRUE(outcome.failure.has_value());
  EXPECT_EQ(outcome.failure->reason, "oom-limit");
  EXPECT_THAT(outcome.failure->message,
              HasSubstr("at the limit of 96.0 MiB, between stages \"started\" and \"loaded\""));
  EXPECT_EQ(outcome.stage_reached, Stage::kInitial);
  EXPECT_EQ(Left(), 0u);
}

TEST_F(MemoryLimitTest, AChildThatIsKilledWhileTheWorkerLivesOnIsSeenAtOnce) {
  const WorkerOutcome outcome = Run("wait-for-child:256", 96 * kMebibyte);
  ASSERT_TRUE(outcome.failure.has_value());
  EXPECT_EQ(outcome.failure->reason, "oom-limit");
  EXPECT_TRUE(ChildrenOf(getpid()).empty());
  EXPECT_EQ(Left(), 0u);
}

TEST_F(MemoryLimitTest, OtherDeathsUnderALimitAreWhatTheyAre) {
  EXPECT_EQ(Run("exit", 256 * kMebibyte).failure->reason, "exit 3");
  EXPECT_EQ(Run("hang", 256 * kMebibyte, 0.3).failure->reason, "timeout");
  EXPECT_EQ(Run("kill-itself", 256 * kMebibyte).failure->reason, "signal 9");
}

TEST_F(MemoryLimitTest, WithoutALimitTheCgroupTellsTheTreesPeak) {
  const WorkerOutcome outcome = Run("both:100", std::nullopt);
  ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message;
  if (!outcome.memory.cgroup_peak_bytes) GTEST_SKIP() << "the kernel has no memory.peak";
  EXPECT_GE(*outcome.memory.cgroup_peak_bytes + kTolerance, 200 * kMebibyte);
#if TARE_WEIGHS_EXACTLY
  // Adds only the heap, stacks and, in version 2, page tables of two small processes.
  EXPECT_LE(*outcome.memory.cgroup_peak_bytes, 200 * kMebibyte + 4 * kTolerance);
#endif
  EXPECT_EQ(outcome.memory.processes_seen, 2u);
}

TEST_F(MemoryLimitTest, MemoryThatATreeSharesIsInTheCgroupsPeakOnce) {
  const WorkerOutcome outcome = Run("share-with-child:200", std::nullopt);
  ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message;
  if (!outcome.memory.cgroup_peak_bytes) GTEST_SKIP() << "the kernel has no memory.peak";
  EXPECT_LT(*outcome.memory.cgroup_peak_bytes, 300 * kMebibyte);
  EXPECT_GT(outcome.memory.peak_rss_high_bytes, 390 * kMebibyte);
}

TEST_F(MemoryLimitTest, AChildThatLeftItsGroupIsStillInTheCgroupAndEnded) {
  EXPECT_FALSE(Run("leave-child", std::nullopt).failure.has_value());
  EXPECT_TRUE(ChildrenOf(getpid()).empty());
  EXPECT_EQ(Left(), 0u);
}

TEST_F(MemoryLimitTest, ACgroupThatCannotBeMadeRunsNothing) {
  WorkerRunOptions options;
  options.command = {FakeWorker(), {"fake_worker", "ok"}, {}};
  const CgroupParent nowhere = {place_->parent().version, "/nonexistent/cgroup"};
  options.cgroups = &nowhere;
  options.limit_bytes = kMebibyte;
  const WorkerOutcome outcome = RunWorker(options, *interrupt_);
  ASSERT_TRUE(outcome.failure.has_value());
  EXPECT_EQ(outcome.failure->reason, "no-limit");
  EXPECT_THAT(outcome.failure->message, HasSubstr("/nonexistent/cgroup/"));
  EXPECT_THAT(outcome.failure->message, HasSubstr("errno 2"));
}

TEST_F(MemoryLimitTest, WhatAKilledOwnerLeftIsRemovedAndTheLivingAreLeftAlone) {
  Result<MemoryCgroup> living = MemoryCgroup::Create(place_->parent(), std::nullopt);
  ASSERT_TRUE(living.ok()) << living.error().message();
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t owner = fork();
  if (owner == 0) {
    // Creates a grandchild in a new cgroup; it continues when the owner is killed.
    Result<MemoryCgroup> cgroup = MemoryCgroup::Create(place_->parent(), std::nullopt);
    if (!cgroup.ok()) _exit(1);
    if (fork() == 0) {
      if (write(cgroup->procs_fd(), "0", 1) != 1) _exit(1);
      const std::string& made = cgroup->folder();
      [[maybe_unused]] const ssize_t put = write(ready[1], made.data(), made.size());
      while (true) pause();
    }
    while (true) pause();
  }
  std::string folder(4096, '\0');
  const ssize_t got = read(ready[0], folder.data(), folder.size());
  ASSERT_GT(got, 0);
  folder.resize(static_cast<size_t>(got));
  ASSERT_TRUE(std::filesystem::exists(folder));
  kill(owner, SIGKILL);
  ASSERT_EQ(waitpid(owner, nullptr, 0), owner);

  // Every search for a place removes stale cgroups, so a concurrent test may remove this one first.
  RemoveStaleCgroups(place_->parent().folder);
  EXPECT_FALSE(std::filesystem::exists(folder));
  EXPECT_TRUE(std::filesystem::exists(living->folder()));
}

TEST_F(MemoryLimitTest, EveryFileThatAWorkerOpensIsListedHoweverShort) {
  const Result<OpenWatch> watch = OpenWatch::Start("/tare-none");
  if (!watch.ok()) GTEST_SKIP() << watch.error().message();
  std::set<std::string> files;
  files_ = &files;
  EXPECT_FALSE(Run("open-briefly", std::nullopt).failure.has_value());
  EXPECT_TRUE(files.contains("/etc/hostname"));
}

}  // namespace
}  // namespace tare
