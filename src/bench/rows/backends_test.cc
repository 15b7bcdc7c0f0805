#include "bench/rows/backends.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "base/find_program.h"
#include "base/testing/fails_with.h"
#include "bench/rows/backend_install.h"
#include "os/interrupt.h"
#include "os/run_command.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

class BackendsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    home_ = ::testing::TempDir() + "/tare_home" + std::to_string(getpid());
    std::filesystem::remove_all(home_);
    setenv("TARE_HOME", home_.c_str(), 1);
    unsetenv("TARE_BACKEND_LLAMA_CPP_PYTHON");
    backend_ = *FindBackend("llama-cpp-python");
    native_ = *FindBackend("llama.cpp");
  }
  void TearDown() override {
    unsetenv("TARE_HOME");
    unsetenv("TARE_BACKEND_LLAMA_CPP_PYTHON");
    unsetenv("TARE_WORKERS_DIR");
    std::filesystem::remove_all(home_);
  }
  // An environment as an installation leaves it, without the stamp.
  void MakeEnvironment() {
    std::filesystem::create_directories(BackendFolder(*backend_) + "/bin");
    std::filesystem::create_symlink("/bin/true", InterpreterOf(*backend_));
  }

  // Creates workers with no packages and this shim.
  void MakeWorkers(std::string_view shim) const {
    const std::string workers = home_ + "/workers";
    std::filesystem::create_directories(workers + "/requirements");
    std::ofstream(workers + "/requirements/llama.cpp.txt") << "# nothing\n";
    std::ofstream(workers + "/llama_cpp_shim.cc") << shim;
    setenv("TARE_WORKERS_DIR", workers.c_str(), 1);
  }

  std::string home_;
  const Backend* backend_ = nullptr;  // two rows that share an installation
  const Backend* native_ = nullptr;
};

TEST_F(BackendsTest, AnUnknownNameGetsTheOneThatWasMeant) {
  for (const char* name : {"llama", "llamacpp", "llama-cpp", "Llama.cpp"}) {
    const auto found = FindBackend(name);
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().message(),
              fmt::format("there is no backend \"{}\"; did you mean llama.cpp? tare backends list "
                          "shows all",
                          name));
  }
  EXPECT_EQ(FindBackend("tensorrt").error().message(),
            "there is no backend \"tensorrt\"; tare backends list shows all");
}

TEST_F(BackendsTest, AnInterruptedInstallationIsNeverTakenForAWholeOne) {
  EXPECT_EQ(StateOf(*backend_), BackendState::kMissing);
  MakeEnvironment();
  EXPECT_EQ(StateOf(*backend_), BackendState::kIncomplete);
  const Result<Command> command = WorkerCommand(*backend_);
  ASSERT_FALSE(command.ok());
  EXPECT_THAT(command.error().message(), HasSubstr("tare backends install llama-cpp-python"));
  std::ofstream(StampPath(*backend_)) << RequirementsId(*backend_);
  EXPECT_EQ(StateOf(*backend_), BackendState::kInstalled);
  EXPECT_TRUE(WorkerCommand(*backend_).ok());
}

TEST_F(BackendsTest, OtherRequirementsMakeAnInstallationOutdated) {
  MakeEnvironment();
  std::ofstream(StampPath(*backend_)) << "fnv1a64:0000000000000000\n";
  EXPECT_EQ(StateOf(*backend_), BackendState::kOutdated);
}

TEST_F(BackendsTest, TheEnvironmentNamesAnotherInterpreter) {
  setenv("TARE_BACKEND_LLAMA_CPP_PYTHON", "/opt/python", 1);
  EXPECT_EQ(StateOf(*backend_), BackendState::kOverridden);
  const Result<Command> command = WorkerCommand(*backend_);
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->program, "/opt/python");
  EXPECT_THAT(command->argv, ::testing::Contains(HasSubstr("llama_cpp_worker.py")));
}

TEST_F(BackendsTest, AFailedInstallationSaysWhyAndStaysIncomplete) {
  const std::string workers = home_ + "/workers";
  std::filesystem::create_directories(workers + "/requirements");
  std::ofstream(workers + "/requirements/llama.cpp.txt") << "./no-such-local-package\n";
  setenv("TARE_WORKERS_DIR", workers.c_str(), 1);
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  EXPECT_THAT(InstallBackend(*backend_, *interrupt, {}),
              FailsWith(ErrorCode::kIo, "no-such-local-package"));
  EXPECT_EQ(StateOf(*backend_), BackendState::kIncomplete);
}

TEST_F(BackendsTest, AnInstallationWithoutPackagesIsWholeAndMadeOnce) {
  const std::string workers = home_ + "/workers";
  std::filesystem::create_directories(workers + "/requirements");
  std::ofstream(workers + "/requirements/llama.cpp.txt") << "# nothing\n";
  setenv("TARE_WORKERS_DIR", workers.c_str(), 1);
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  const Result<bool> first = InstallBackend(*backend_, *interrupt, {});
  if (!first.ok()) GTEST_SKIP() << "python3 cannot make environments: " << first.error().message();
  EXPECT_TRUE(*first);
  EXPECT_EQ(StateOf(*backend_), BackendState::kInstalled);
  const Result<bool> second = InstallBackend(*backend_, *interrupt, {});
  ASSERT_TRUE(second.ok());
  EXPECT_FALSE(*second);
}

TEST_F(BackendsTest, AShimIsCompiledAgainstWhatIsThereAndOnlyItWhenItAloneChanged) {
  MakeWorkers("#include \"llama.h\"\nint tare_llama_abi() { return LLAMA; }\n");
  MakeEnvironment();
  std::ofstream(StampPath(*native_)) << RequirementsId(*native_);
  EXPECT_EQ(StateOf(*backend_), BackendState::kInstalled);
  EXPECT_EQ(StateOf(*native_), BackendState::kOutdated);  // its shim is missing

  const std::string packages = BackendFolder(*native_) + "/lib/python3.11/site-packages";
  std::filesystem::create_directories(packages + "/include");
  std::filesystem::create_directories(packages + "/llama_cpp/lib");
  std::ofstream(packages + "/include/llama.h") << "#define LLAMA 1\n";
  const std::string library = packages + "/llama_cpp/lib/libllama.so";
  const std::string compiler = FindProgram("c++");
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  ASSERT_TRUE(RunCommand({compiler, {compiler, "-shared", "-xc++", "/dev/null", "-o", library}, {}},
                         uint64_t{60} * 1'000'000'000, *interrupt, {})
                  .ok());
  const Result<bool> installed = InstallBackend(*native_, *interrupt, {});
  ASSERT_TRUE(installed.ok()) << installed.error().message();
  EXPECT_EQ(StateOf(*native_), BackendState::kInstalled);
  EXPECT_TRUE(std::filesystem::exists(library));
  const Result<Command> command = WorkerCommand(*native_);
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->program, "/proc/self/exe");

  MakeWorkers("no C++\n");
  EXPECT_EQ(StateOf(*native_), BackendState::kOutdated);
  const Result<bool> broken = InstallBackend(*native_, *interrupt, {});
  ASSERT_FALSE(broken.ok());
  EXPECT_THAT(broken.error().message(), HasSubstr("error"));
  EXPECT_EQ(StateOf(*native_), BackendState::kOutdated);
}

TEST_F(BackendsTest, AnInterpreterOfTheEnvironmentIsNotForAShim) {
  setenv("TARE_BACKEND_LLAMA_CPP_PYTHON", "/opt/python", 1);
  EXPECT_EQ(StateOf(*native_), BackendState::kMissing);
}

TEST_F(BackendsTest, ATrimmedRowIsTheRowItTrimsBeneathTareRun) {
  const Backend* plain = *FindBackend("keras-openvino");
  backend_ = plain;
  MakeEnvironment();
  std::filesystem::create_directories(BackendFolder(*plain) + "/lib/python3.11/site-packages");
  std::ofstream(StampPath(*plain)) << RequirementsId(*plain);
  const Backend* trimmed = *FindBackend("keras-openvino+tare");
  EXPECT_EQ(StateOf(*trimmed), BackendState::kInstalled);
  const std::vector<std::string> inner = WorkerCommand(*plain)->argv;
  const Result<Command> command = WorkerCommand(*trimmed);
  ASSERT_TRUE(command.ok());
  EXPECT_EQ(command->program, "/proc/self/exe");
  std::vector<std::string> expected = {
      "tare", "run", "--exec", "--openvino", PackagesFolder(*plain) + "/openvino", "--"};
  expected.insert(expected.end(), inner.begin(), inner.end());
  EXPECT_EQ(command->argv, expected);
  EXPECT_EQ(command->environment, WorkerCommand(*plain)->environment);
  EXPECT_TRUE(BeforehandCommand(*trimmed)->has_value());
  EXPECT_FALSE(BeforehandCommand(*plain)->has_value());
}

TEST_F(BackendsTest, ATrimmedRowTakesTheInterpreterOfTheRowItTrims) {
  setenv("TARE_BACKEND_KERAS_JAX_PYTHON", "/opt/python", 1);
  const Backend* trimmed = *FindBackend("keras-jax+tare");
  const Result<Command> command = WorkerCommand(*trimmed);
  unsetenv("TARE_BACKEND_KERAS_JAX_PYTHON");
  ASSERT_TRUE(command.ok());
  const std::vector<std::string> start(command->argv.begin(), command->argv.begin() + 7);
  EXPECT_THAT(start, ::testing::ElementsAre("tare", "run", "--exec", "--no-einsum", "--no-park",
                                            "--", "/opt/python"));
  EXPECT_FALSE(BeforehandCommand(*trimmed)->has_value());
}

TEST_F(BackendsTest, TheNativeRowNeedsNoInstallation) {
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  EXPECT_THAT(InstallBackend(**FindBackend("native"), *interrupt, {}),
              FailsWith(ErrorCode::kInvalidInput, "backend native is built in"));
  EXPECT_EQ(StateOf(**FindBackend("native")), BackendState::kBuiltIn);
}

}  // namespace
}  // namespace tare
