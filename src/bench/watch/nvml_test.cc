#include "bench/watch/nvml.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include "base/testing/test_paths.h"
#include "base/units.h"
#include "bench/rows/doctor.h"
#include "bench/testing/fake_nvml.h"
#include "bench/testing/fake_worker.h"
#include "bench/watch/gpu_sampler.h"
#include "bench/watch/worker_run.h"
#include "os/proc_files.h"

namespace tare {
namespace {

using testing::FakeNvml;
using ::testing::HasSubstr;
using ::testing::MatchesRegex;

constexpr pid_t kOther = 4'000'000;

// A library that replaces NVIDIA's and gives the answers that the test chooses.
class NvmlTest : public ::testing::Test {
 protected:
  void TearDown() override {
    unsetenv("TARE_NVML");
    if (fake_ != nullptr) *fake_ = FakeNvml();
    if (handle_ != nullptr) dlclose(handle_);
  }

  // Loads one of the libraries from src/bench/CMakeLists.txt: now, old, partial.
  void Use(const std::string& kind) {
    const std::string file = BuiltFile("src/bench/libtare_fake_nvml_" + kind + ".so");
    setenv("TARE_NVML", file.c_str(), 1);
    handle_ = dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    ASSERT_NE(handle_, nullptr) << dlerror();
    fake_ = static_cast<FakeNvml*>(dlsym(handle_, "fake_nvml"));
    ASSERT_NE(fake_, nullptr);
  }

  void Hold(std::vector<FakeNvml::Process> processes, uint64_t used_bytes) {
    processes_ = std::move(processes);
    fake_->processes = processes_.data();
    fake_->process_count = static_cast<unsigned int>(processes_.size());
    fake_->used_bytes = used_bytes;
  }

  static std::string ErrorOf(const Result<Nvml>& nvml) {
    return nvml.ok() ? "loaded" : nvml.error().message();
  }

  // The outcome of a worker that naps in each stage.
  static WorkerOutcome RunAgainst(const Nvml& nvml) {
    Result<InterruptWatch> interrupt = InterruptWatch::Start();
    WorkerRunOptions options;
    options.command = {FakeWorker(), {"fake_worker", "ok"}, {}};
    options.run.emplace();
    options.run->generations = {{{"Hello", {1}}, 2}, {{"Test", {2}}, 2}};
    options.stage_timeout_ns = 20'000'000'000;
    options.nvml = &nvml;
    return RunWorker(options, *interrupt);
  }

  void* handle_ = nullptr;
  FakeNvml* fake_ = nullptr;
  std::vector<FakeNvml::Process> processes_;
};

TEST_F(NvmlTest, DevicesAndWhatProcessesHoldAreRead) {
  Use("now");
  Hold({{7, 100 * kMebibyte}, {8, ~0ULL}}, 300 * kMebibyte);
  const Result<Nvml> nvml = Nvml::Load();
  ASSERT_TRUE(nvml.ok()) << nvml.error().message();
  ASSERT_EQ(nvml->devices().size(), 1u);
  EXPECT_EQ(nvml->devices()[0].name, "Fake H100");
  EXPECT_EQ(nvml->driver(), "570.1");
  EXPECT_EQ(*nvml->UsedBytes(0), 300 * kMebibyte);
  const auto processes = nvml->Processes(0);
  ASSERT_TRUE(processes.ok());
  ASSERT_EQ(processes->size(), 2u);
  EXPECT_EQ((*processes)[0].pid, 7);
  EXPECT_EQ((*processes)[0].used_bytes, 100 * kMebibyte);
  EXPECT_EQ((*processes)[1].used_bytes, std::nullopt) << "the driver does not tell";
}

TEST_F(NvmlTest, AnOldDriversShorterEntriesAreReadToo) {
  Use("old");
  Hold({{7, 100 * kMebibyte}, {8, 200 * kMebibyte}}, 300 * kMebibyte);
  const auto processes = Nvml::Load()->Processes(0);
  ASSERT_TRUE(processes.ok());
  EXPECT_EQ((*processes)[1].pid, 8);
  EXPECT_EQ((*processes)[1].used_bytes, 200 * kMebibyte);
}

TEST_F(NvmlTest, WhatIsMissingIsNamed) {
  setenv("TARE_NVML", "libno-such-nvml.so.1", 1);
  EXPECT_THAT(ErrorOf(Nvml::Load()), HasSubstr("libno-such-nvml.so.1"));
  Use("partial");
  EXPECT_THAT(ErrorOf(Nvml::Load()), HasSubstr("has no function nvmlDeviceGetCount_v2"));
  EXPECT_EQ(fake_->shut_downs, 0) << "what was not started is not shut down";
}

std::string FoundByDoctor(const std::string& what) {
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  for (const DoctorCheck& check : Diagnose(*interrupt)) {
    if (check.what == what) return check.found;
  }
  return "not looked at";
}

TEST_F(NvmlTest, TheDoctorNamesThemOrSaysWhatARowWithoutOneSays) {
  setenv("TARE_NVML", "libno-such-nvml.so.1", 1);
  EXPECT_EQ(FoundByDoctor("NVIDIA GPUs"), ErrorOf(Nvml::Load()));
  Use("now");
  fake_->devices = 2;
  EXPECT_THAT(FoundByDoctor("NVIDIA GPUs"), MatchesRegex(".+ GiB, driver .+; .+ GiB, driver .+"));
}

TEST_F(NvmlTest, ADriverThatDoesNotStartOrHasNoDeviceIsNone) {
  Use("now");
  fake_->init_code = 15;
  EXPECT_THAT(ErrorOf(Nvml::Load()), HasSubstr("nvmlInit_v2: GPU is lost (code 15)"));
  EXPECT_EQ(fake_->shut_downs, 0);
  fake_->init_code = 0;
  fake_->count_code = 999;
  EXPECT_THAT(ErrorOf(Nvml::Load()), HasSubstr("unknown error (code 999)"));
  fake_->count_code = 0;
  fake_->devices = 0;
  EXPECT_THAT(ErrorOf(Nvml::Load()), HasSubstr("counts 0 devices"));
  fake_->devices = 2;
  fake_->memory_code = 15;
  EXPECT_THAT(ErrorOf(Nvml::Load()), HasSubstr("of which none answers"));
  EXPECT_EQ(fake_->shut_downs, 3) << "what was started is shut down";
}

TEST_F(NvmlTest, MoreProcessesThanTheFirstRoomAreAllRead) {
  Use("now");
  Hold(std::vector<FakeNvml::Process>(1000, {9, kMebibyte}), kMebibyte);
  const Result<Nvml> nvml = Nvml::Load();
  EXPECT_EQ(nvml->Processes(0)->size(), 1000u);
  Hold(std::vector<FakeNvml::Process>(5000, {9, kMebibyte}), kMebibyte);
  EXPECT_THAT(nvml->Processes(0).error().message(), HasSubstr("more than 4096 processes"));
  Hold({}, 0);
  fake_->lies_about_room = true;
  EXPECT_THAT(nvml->Processes(0).error().message(), HasSubstr("65 processes in room for 64"));
}

TEST_F(NvmlTest, AWorkersOwnProcessesAreWeighed) {
  Use("now");
  // All children of this process hold memory, most of it at the second reading.
  unsigned long long readings = 0;
  fake_->before_processes = [&](FakeNvml&) {
    const unsigned long long held = ++readings == 2 ? 300 * kMebibyte : 200 * kMebibyte;
    std::vector<FakeNvml::Process> all = {{kOther, 900 * kMebibyte}};
    for (const pid_t pid : ChildrenOf(getpid())) {
      all.push_back({static_cast<unsigned int>(pid), held});
    }
    Hold(std::move(all), 950 * kMebibyte);
  };
  const Result<Nvml> nvml = Nvml::Load();
  const WorkerOutcome outcome = RunAgainst(*nvml);
  ASSERT_FALSE(outcome.failure.has_value()) << outcome.failure->message;
  ASSERT_TRUE(outcome.memory.device.has_value());
  EXPECT_TRUE(outcome.memory.device->of_processes);
  EXPECT_EQ(outcome.memory.device->peak_bytes, 300 * kMebibyte) << "the other process is not ours";
  EXPECT_EQ(outcome.memory.device->error, "");
  ASSERT_EQ(outcome.memory.stages.size(), kStageCount);
  for (const StageReading& stage : outcome.memory.stages) {
    ASSERT_TRUE(stage.device_bytes.has_value());
    EXPECT_GE(*stage.device_high_bytes, *stage.device_bytes);
  }
}

TEST_F(NvmlTest, WithoutItsProcessesItIsWhatDevicesHoldAboveBefore) {
  Use("now");
  fake_->devices = 2;
  Hold({{kOther, 500 * kMebibyte}}, 1000 * kMebibyte);
  const Result<Nvml> nvml = Nvml::Load();
  GpuSampler sampler(*nvml, 1);
  fake_->used_bytes = 1100 * kMebibyte;
  sampler.ReadStage({7});
  fake_->used_bytes = 1400 * kMebibyte;
  sampler.Sample({7});
  fake_->used_bytes = 900 * kMebibyte;
  sampler.ReadStage({7});
  MemoryRecord record;
  record.stages.resize(2);
  sampler.Finish(record);
  EXPECT_FALSE(record.device->of_processes);
  EXPECT_EQ(record.device->peak_bytes, 800 * kMebibyte) << "of two devices";
  EXPECT_EQ(record.device->sample_count, 3u);
  EXPECT_EQ(record.stages[0].device_bytes, 200 * kMebibyte);
  EXPECT_EQ(record.stages[1].device_bytes, 0u) << "others gave memory back";
  EXPECT_EQ(record.stages[1].device_high_bytes, 800 * kMebibyte);
}

TEST_F(NvmlTest, ReadingsThatFailAreNotZero) {
  Use("now");
  const Result<Nvml> nvml = Nvml::Load();
  fake_->memory_code = 15;
  const WorkerOutcome outcome = RunAgainst(*nvml);
  EXPECT_FALSE(outcome.failure.has_value()) << "the row goes on";
  EXPECT_EQ(outcome.memory.device->peak_bytes, std::nullopt);
  EXPECT_THAT(outcome.memory.device->error, HasSubstr("nvmlDeviceGetMemoryInfo: GPU is lost"));
  EXPECT_EQ(outcome.memory.stages.at(1).device_bytes, std::nullopt);
}

TEST_F(NvmlTest, WhereProcessesAreNotToldTheDeviceIs) {
  Use("now");
  const Result<Nvml> nvml = Nvml::Load();
  fake_->processes_code = 3;
  GpuSampler sampler(*nvml, 1);
  fake_->used_bytes = 64 * kMebibyte;
  sampler.Sample({7});
  MemoryRecord record;
  sampler.Finish(record);
  EXPECT_EQ(record.device->peak_bytes, 64 * kMebibyte);
  EXPECT_THAT(record.device->error, HasSubstr("(code 3)"));
}

TEST_F(NvmlTest, WithoutADeviceToWatchNothingIsRecorded) {
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  WorkerRunOptions options;
  options.command = {FakeWorker(), {"fake_worker", "ok"}, {}};
  options.run.emplace();
  options.stage_timeout_ns = 20'000'000'000;
  EXPECT_FALSE(RunWorker(options, *interrupt).memory.device.has_value());
}

}  // namespace
}  // namespace tare
