#include "bench/watch/worker_run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <string>

#include "base/find_program.h"
#include "base/testing/temp_folder.h"
#include "base/testing/test_paths.h"
#include "base/units.h"
#include "bench/testing/fake_worker.h"
#include "bench/testing/weighs_exactly.h"
#include "os/proc_files.h"
#include "os/run_command.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kHeld = 64 * kMebibyte;
[[maybe_unused]] constexpr uint64_t kTolerance = 2 * kMebibyte;

RunMessage TwoGenerations(const std::string& model) {
  RunMessage run;
  run.model = model;
  run.generations = {{{"Hello", {1, 2}}, 3}, {{"Test", {3}}, 4}};
  return run;
}

class WorkerRunTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Result<InterruptWatch> watch = InterruptWatch::Start();
    ASSERT_TRUE(watch.ok());
    interrupt_.emplace(std::move(watch).value());
  }

  WorkerOutcome Run(const std::string& mode, double timeout_s = 20,
                    const std::string& model = "model.gguf") {
    WorkerRunOptions options;
    options.command = {FakeWorker(), {"fake_worker", mode}, {}};
    options.run = TwoGenerations(model);
    options.stage_timeout_ns = static_cast<uint64_t>(timeout_s * 1e9);
    options.weight_file = options.run->model;
    options.weight_ranges = {{0, kHeld}};
    options.sample_interval_ns = sample_interval_ns_;
    options.run_timeout_ns = run_timeout_ns_;
    options.files = files_;
    options.trimmed = trimmed_;
    return RunWorker(options, *interrupt_);
  }

  std::string ReasonOf(const std::string& mode, double timeout_s = 20) {
    const WorkerOutcome outcome = Run(mode, timeout_s);
    EXPECT_FALSE(outcome.result.has_value());
    EXPECT_TRUE(ChildrenOf(getpid()).empty()) << "a process was left behind";
    return outcome.failure ? outcome.failure->reason + ": " + outcome.failure->message : "none";
  }

  std::optional<InterruptWatch> interrupt_;
  uint64_t sample_interval_ns_ = kDefaultSampleIntervalNs;
  uint64_t run_timeout_ns_ = 0;
  std::set<std::string>* files_ = nullptr;
  bool trimmed_ = false;
};

#if TARE_WEIGHS_EXACTLY
uint64_t LoadGrowth(const WorkerOutcome& outcome, uint64_t StageReading::*part) {
  return outcome.memory.stages.at(1).*part - outcome.memory.stages.at(0).*part;
}
#endif

TEST_F(WorkerRunTest, AGoodWorkerGivesResultAndSixStages) {
  const WorkerOutcome outcome = Run("ok");
  ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message;
  ASSERT_EQ(outcome.result->generations.size(), 2u);
  EXPECT_EQ(outcome.result->generations[1].ids.size(), 4u);
  ASSERT_EQ(outcome.memory.stages.size(), kStageCount);
  EXPECT_EQ(outcome.hello->versions.at("fake"), "1");
  EXPECT_GT(outcome.startup_ns, 0u);
  EXPECT_GT(outcome.memory.sample_count, 0u);
  EXPECT_EQ(outcome.exit_note, "");
}

#if TARE_WEIGHS_EXACTLY
TEST_F(WorkerRunTest, AnonymousMemoryIsWeighed) {
  const WorkerOutcome outcome = Run("anon");
  ASSERT_FALSE(outcome.failure.has_value());
  EXPECT_NEAR(LoadGrowth(outcome, &StageReading::anon_bytes), kHeld, kTolerance);
  EXPECT_NEAR(LoadGrowth(outcome, &StageReading::rss_bytes), kHeld, kTolerance);
  EXPECT_NEAR(outcome.memory.peak_rss_low_bytes, outcome.memory.stages[0].rss_bytes + kHeld,
              kTolerance);
  EXPECT_EQ(outcome.memory.peak_rss_low_bytes, outcome.memory.peak_rss_high_bytes);
  EXPECT_EQ(outcome.memory.peak_swap_bytes, 0u);
}

// Tolerance: the larger of 1 % and 2 MiB, which docs/measurement.md promises for one process.
void ExpectExactPeak(const WorkerOutcome& outcome, uint64_t held) {
  ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message;
  const double expected = static_cast<double>(outcome.memory.stages[0].rss_bytes + held);
  EXPECT_NEAR(outcome.memory.peak_rss_low_bytes, expected,
              std::max(0.01 * expected, static_cast<double>(kTolerance)));
  EXPECT_EQ(outcome.memory.peak_rss_low_bytes, outcome.memory.peak_rss_high_bytes);
}

TEST_F(WorkerRunTest, KnownAmountsAreWeighedExactlyInOneProcess) {
  for (const char* mode : {"anon:300", "heap:300", "shared:300", "spike:300"}) {
    SCOPED_TRACE(mode);
    ExpectExactPeak(Run(mode), 300 * kMebibyte);
  }
  const TempFolder folder;
  const std::string path = folder.File("known_amount.bin");
  std::ofstream(path, std::ios::binary) << std::string(96 * kMebibyte, 'w');
  ExpectExactPeak(Run("reread", 20, path), 96 * kMebibyte);
}

// The memory of each half of a tree is known, and so is whether both hold it at once.
TEST_F(WorkerRunTest, KnownAmountsOfATreeLieWithinTheBounds) {
  struct Tree {
    const char* mode;
    uint64_t held;  // at once; shared memory counts once
  };
  for (const Tree& tree :
       {Tree{"both:100", 200 * kMebibyte}, Tree{"child:100", 100 * kMebibyte},
        Tree{"share-with-child:100", 100 * kMebibyte}, Tree{"child-spike:100", 100 * kMebibyte}}) {
    SCOPED_TRACE(tree.mode);
    const WorkerOutcome outcome = Run(tree.mode);
    ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message;
    EXPECT_EQ(outcome.memory.processes_seen, 2u);
    EXPECT_GE(outcome.memory.peak_rss_high_bytes + kTolerance, tree.held);
    // The program and its libraries count in both processes; a shared page counts twice.
    const uint64_t both = 2 * outcome.memory.stages[0].rss_bytes;
    EXPECT_LE(outcome.memory.peak_rss_low_bytes, tree.held * 2 + both);
    EXPECT_LE(outcome.memory.peak_rss_low_bytes, outcome.memory.peak_rss_high_bytes);
  }
}

TEST_F(WorkerRunTest, SharedMemoryIsWeighedAsShmem) {
  const WorkerOutcome outcome = Run("shared");
  ASSERT_FALSE(outcome.failure.has_value());
  EXPECT_NEAR(LoadGrowth(outcome, &StageReading::shmem_bytes), kHeld, kTolerance);
  EXPECT_LT(LoadGrowth(outcome, &StageReading::anon_bytes), kTolerance);
}

TEST_F(WorkerRunTest, AMappedFileIsWeighedAsFileAndItsUntouchedHalfIsFound) {
  const TempFolder folder;
  const std::string path = folder.File("weights.bin");
  std::ofstream(path, std::ios::binary) << std::string(kHeld, 'w');
  const WorkerOutcome outcome = Run("file", 20, path);
  ASSERT_FALSE(outcome.failure.has_value());
  EXPECT_NEAR(LoadGrowth(outcome, &StageReading::file_bytes), kHeld / 2, kTolerance);
  ASSERT_TRUE(outcome.weights_untouched_bytes.has_value());
  EXPECT_NEAR(*outcome.weights_untouched_bytes, kHeld / 2, kTolerance);
}

TEST_F(WorkerRunTest, WeightsOutsideOfWhatIsMappedAreNotTakenForMappedOnes) {
  const TempFolder folder;
  const std::string path = folder.File("weights.bin");
  std::ofstream(path, std::ios::binary) << std::string(kHeld, 'w');
  const WorkerOutcome outcome = Run("part", 20, path);
  ASSERT_FALSE(outcome.failure.has_value());
  ASSERT_TRUE(outcome.weights_untouched_bytes.has_value());
  EXPECT_NEAR(*outcome.weights_untouched_bytes, kHeld / 2, kTolerance);
  EXPECT_FALSE(Run("anon", 20, path).weights_untouched_bytes.has_value()) << "none of it is mapped";
}

TEST_F(WorkerRunTest, ASpikeBetweenStagesIsInThatStagesHighWaterMarkAlone) {
  const WorkerOutcome outcome = Run("spike");
  ASSERT_FALSE(outcome.failure.has_value());
  const std::vector<StageReading>& stages = outcome.memory.stages;
  EXPECT_NEAR(stages[1].high_water_bytes, stages[0].rss_bytes + kHeld, kTolerance);
  EXPECT_LT(stages[1].rss_bytes, stages[0].rss_bytes + kTolerance);
  if (outcome.memory.high_water_was_reset) {
    EXPECT_LT(stages[2].high_water_bytes, stages[0].rss_bytes + kTolerance);
  }
  EXPECT_NEAR(outcome.memory.peak_rss_low_bytes, stages[0].rss_bytes + kHeld, kTolerance);
}

TEST_F(WorkerRunTest, AChildsMemoryCountsAndThePeakIsGivenAsBounds) {
  const WorkerOutcome outcome = Run("child");
  ASSERT_FALSE(outcome.failure.has_value());
  EXPECT_EQ(outcome.memory.processes_seen, 2u);
  EXPECT_NEAR(LoadGrowth(outcome, &StageReading::anon_bytes), kHeld, kTolerance);
  EXPECT_GT(outcome.memory.peak_rss_low_bytes, kHeld);
  EXPECT_LE(outcome.memory.peak_rss_low_bytes, outcome.memory.peak_rss_high_bytes);
  EXPECT_TRUE(ChildrenOf(getpid()).empty());
}
#endif  // TARE_WEIGHS_EXACTLY

TEST_F(WorkerRunTest, WhatTareRunDidIsKept) {
  EXPECT_FALSE(Run("ok").trim.has_value());
  trimmed_ = true;
  const WorkerOutcome outcome = Run("report");
  ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message;
  ASSERT_TRUE(outcome.trim.has_value());
  EXPECT_EQ(outcome.trim->hook.models, 1u);
  EXPECT_EQ(outcome.trim->lean.shared_bytes, 2048u);
  ASSERT_TRUE(Run("ok").trim.has_value()) << "each run has a report of its own";
  EXPECT_EQ(Run("ok").trim->hook.models, 0u);
}

TEST_F(WorkerRunTest, AnEscapedChildIsFoundAndEnded) {
  const WorkerOutcome outcome = Run("leave-child");
  EXPECT_FALSE(outcome.failure.has_value());
  EXPECT_TRUE(ChildrenOf(getpid()).empty());
}

TEST_F(WorkerRunTest, ACrashIsASignalWithTheStageReachedAndTheLastSample) {
  const WorkerOutcome outcome = Run("crash");
  ASSERT_TRUE(outcome.failure.has_value());
  // A sanitizer turns the signal into an exit code.
  if (TARE_WEIGHS_EXACTLY != 0) {
    EXPECT_EQ(outcome.failure->reason, "signal 11");
  }
  EXPECT_EQ(outcome.stage_reached, Stage::kInitial);
  ASSERT_FALSE(outcome.memory.samples.empty());
  EXPECT_GT(outcome.memory.samples.back().rss_bytes, 0u);
}

TEST_F(WorkerRunTest, EveryMisdeedCostsOnlyItsRowAndSaysWhy) {
  EXPECT_THAT(ReasonOf("exit"), HasSubstr("exit 3: "));
  EXPECT_THAT(ReasonOf("hang", 0.5), HasSubstr("timeout: "));
  EXPECT_THAT(ReasonOf("silent", 0.5), HasSubstr("timeout: "));
  EXPECT_THAT(ReasonOf("close-pipe"), HasSubstr("protocol-error: closed its protocol pipe"));
  EXPECT_THAT(ReasonOf("error"), HasSubstr("load-error: no such model"));
  EXPECT_THAT(ReasonOf("garbage"), HasSubstr("protocol-error: not a JSON text"));
  EXPECT_THAT(ReasonOf("unknown-type"), HasSubstr("unknown message type \"selfie\""));
  EXPECT_THAT(ReasonOf("wrong-version"), HasSubstr("protocol version 7"));
  EXPECT_THAT(ReasonOf("negative"), HasSubstr("must be a whole number"));
  EXPECT_THAT(ReasonOf("flood"), HasSubstr("line is longer than"));
  EXPECT_THAT(ReasonOf("hello-flood"), HasSubstr("second hello"));
  EXPECT_THAT(ReasonOf("skip-stage"), HasSubstr("out of order"));
  EXPECT_THAT(ReasonOf("early-result"), HasSubstr("a result before 5_FINAL"));
  EXPECT_THAT(ReasonOf("too-many-tokens"), HasSubstr("claims 4 new tokens, expected at most 3"));
  EXPECT_THAT(ReasonOf("falling-times"), HasSubstr("must never fall"));
  EXPECT_THAT(ReasonOf("long-time"), HasSubstr("total_ns = 3600000000000"));
}

TEST_F(WorkerRunTest, FewerTokensThanAskedAreKept) {
  const WorkerOutcome outcome = Run("too-few-tokens");
  EXPECT_FALSE(outcome.failure.has_value());
  EXPECT_EQ(outcome.result->generations[0].ids.size(), 2u);
}

TEST_F(WorkerRunTest, ChatterOnStdoutIsKeptToItsEnd) {
  const WorkerOutcome outcome = Run("chatter");
  EXPECT_FALSE(outcome.failure.has_value());
  EXPECT_THAT(outcome.output_tail, HasSubstr("the end\n"));
  EXPECT_LT(outcome.output_tail.size(), size_t{10'000});
}

TEST_F(WorkerRunTest, ACrashAfterTheResultIsNotedAndTheResultKept) {
  const WorkerOutcome outcome = Run("crash-after");
  ASSERT_TRUE(outcome.result.has_value());
  EXPECT_THAT(outcome.exit_note, HasSubstr("after its last message"));
}

TEST_F(WorkerRunTest, WithoutSamplingStagesAndTheKernelsPeakAreThere) {
  sample_interval_ns_ = 0;
  const WorkerOutcome outcome = Run("spike");
  ASSERT_FALSE(outcome.failure.has_value());
  EXPECT_EQ(outcome.memory.sample_count, 0u);
  EXPECT_EQ(outcome.memory.stages.size(), kStageCount);
  EXPECT_GT(outcome.memory.peak_rss_low_bytes, kHeld);
}

TEST_F(WorkerRunTest, WhatWatchingCostIsRecorded) {
  const WorkerOutcome outcome = Run("ok");
  EXPECT_GE(outcome.run_ns, 40'000'000u);  // it naps twice for 20 ms
  EXPECT_GE(outcome.memory.watched_ns, outcome.run_ns);
  EXPECT_GT(outcome.memory.watcher_cpu_ns, 0u);
  EXPECT_LT(outcome.memory.watcher_cpu_ns, outcome.memory.watched_ns);
}

TEST_F(WorkerRunTest, ARunMayBeGivenATimeForAll) {
  run_timeout_ns_ = 10'000'000;
  EXPECT_THAT(ReasonOf("ok"), HasSubstr("too-slow: not done after 0.01 s"));
}

TEST_F(WorkerRunTest, FilesThatAWorkerMapsAreListed) {
  std::set<std::string> files;
  files_ = &files;
  EXPECT_FALSE(Run("ok").failure.has_value());
  EXPECT_TRUE(files.contains(FakeWorker()));
}

TEST_F(WorkerRunTest, AMissingProgramIsNotInstalled) {
  WorkerRunOptions options;
  options.command = {"/nonexistent/python", {"python"}, {}};
  options.run = TwoGenerations("m");
  options.stage_timeout_ns = 1'000'000'000;
  const WorkerOutcome outcome = RunWorker(options, *interrupt_);
  ASSERT_TRUE(outcome.failure.has_value());
  EXPECT_EQ(outcome.failure->reason, "not-installed");
  EXPECT_THAT(outcome.failure->message, HasSubstr("/nonexistent/python"));
}

TEST_F(WorkerRunTest, AnInterruptEndsTheWorker) {
  raise(SIGINT);
  EXPECT_THAT(ReasonOf("hang"), HasSubstr("interrupted"));
}

// The library that all Python workers use, with a trivial model.
class PythonWorkerTest : public WorkerRunTest {
 protected:
  WorkerOutcome RunPython(const std::string& generate) {
    const std::string python = FindProgram("python3");
    const TempFolder folder;
    const std::string script = folder.File("python_worker.py");
    std::ofstream(script) << "import sys\n"
                          << "sys.path.insert(0, '" << SourceFile("workers") << "')\n"
                          << "import tare_worker\n"
                          << "def generate(ids, count, clock):\n"
                          << generate << "def load(model, threads, context, precision):\n"
                          << "  if model != 'model.gguf': raise OSError('no such file')\n"
                          << "  return tare_worker.LoadedModel(generate, lambda ids: 'text')\n"
                          << "sys.exit(tare_worker.serve('py', [], 'CPU', load))\n";
    WorkerRunOptions options;
    options.command = {python, {"python3", "-B", script, "--fd-in", "3", "--fd-out", "4"}, {}};
    options.run = TwoGenerations(model_);
    options.stage_timeout_ns = 60'000'000'000;
    return RunWorker(options, *interrupt_);
  }

  std::string model_ = "model.gguf";
};

TEST_F(PythonWorkerTest, SpeaksTheWholeProtocol) {
  if (FindProgram("python3").empty()) GTEST_SKIP() << "no python3";
  const WorkerOutcome outcome =
      RunPython("  for _ in range(count): clock.tick()\n  return [len(ids)] * count\n");
  ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message << outcome.output_tail;
  EXPECT_EQ(outcome.memory.stages.size(), kStageCount);
  EXPECT_EQ(outcome.result->generations[0].ids, (std::vector<uint32_t>{2, 2, 2}));
  EXPECT_EQ(outcome.result->generations[1].text, "text");
}

TEST_F(PythonWorkerTest, ExceptionsBecomeErrorsWithTheirReason) {
  if (FindProgram("python3").empty()) GTEST_SKIP() << "no python3";
  const WorkerOutcome failed = RunPython("  raise ValueError('odd ids')\n");
  ASSERT_TRUE(failed.failure.has_value());
  EXPECT_EQ(failed.failure->reason, "run-error");
  EXPECT_EQ(failed.failure->message, "ValueError: odd ids");
  EXPECT_EQ(failed.stage_reached, Stage::kBeforeInference);
  model_ = "absent.gguf";
  const WorkerOutcome unloaded = RunPython("  return []\n");
  ASSERT_TRUE(unloaded.failure.has_value());
  EXPECT_EQ(unloaded.failure->reason, "load-error");
  EXPECT_EQ(unloaded.stage_reached, Stage::kInitial);
}

TEST_F(WorkerRunTest, DescribeGivesTheModelsFacts) {
  WorkerRunOptions options;
  options.command = {FakeWorker(), {"fake_worker", "describe", "--model", "m.gguf"}, {}};
  options.stage_timeout_ns = 10'000'000'000;
  const WorkerOutcome outcome = RunWorker(options, *interrupt_);
  ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message;
  ASSERT_TRUE(outcome.hello->model.has_value());
  EXPECT_EQ(outcome.hello->model->path, "m.gguf");
  EXPECT_EQ(outcome.hello->model->prompts.size(), 2u);
}

}  // namespace
}  // namespace tare
