#include "format/hdf5/hdf5_process.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

#include <cerrno>
#include <filesystem>

#include "base/testing/fails_with.h"
#include "base/testing/temp_folder.h"
#include "format/hdf5/hdf5_file.h"
#include "format/testing/hdf5_samples.h"

namespace tare {
namespace {

using testing::HasSubstr;

// Every helper here is a shell script, named by the environment.
class Hdf5ProcessTest : public testing::Test {
 protected:
  ~Hdf5ProcessTest() override { ::unsetenv("TARE_HDF5_HELPER"); }

  void UseHelper(const std::string& script) {
    const std::string path = folder_.File("helper");
    WriteBytes(path, "#!/bin/sh\n" + script + "\n");
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
    ::setenv("TARE_HDF5_HELPER", path.c_str(), 1);
  }

  std::string OpenError() {
    const auto file = Hdf5File::Open(Hdf5Sample("keras_like"));
    return file.ok() ? "it was opened" : file.error().message();
  }

  static bool HasNoChildren() { return ::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD; }

  TempFolder folder_;
};

TEST_F(Hdf5ProcessTest, AMissingHelperIsNamed) {
  ::setenv("TARE_HDF5_HELPER", "/nowhere/tare-hdf5", 1);
  const auto file = Hdf5File::Open(Hdf5Sample("keras_like"));
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code(), ErrorCode::kIo);
  EXPECT_THAT(file.error().message(), HasSubstr("TARE_HDF5_HELPER names /nowhere/tare-hdf5"));
}

TEST_F(Hdf5ProcessTest, AHelperThatFailsIsReportedWithItsStatus) {
  UseHelper("exit 3");
  EXPECT_THAT(OpenError(), HasSubstr("the HDF5 helper ended (status 3)"));
  EXPECT_TRUE(HasNoChildren());
}

// So the dynamic loader ends where a library, or address space for it, is missing: the file is
// fine.
TEST_F(Hdf5ProcessTest, AHelperThatCannotBeLoadedIsNoCorruptFile) {
  UseHelper("exit 127");
  const auto file = Hdf5File::Open(Hdf5Sample("keras_like"));
  ASSERT_FALSE(file.ok());
  EXPECT_EQ(file.error().code(), ErrorCode::kIo);
  EXPECT_THAT(file.error().message(), HasSubstr("the HDF5 helper cannot be loaded"));
}

TEST_F(Hdf5ProcessTest, AHelperThatCrashesIsReportedWithItsSignal) {
  UseHelper("kill -SEGV $$");
  EXPECT_THAT(OpenError(), HasSubstr("was ended by signal 11"));
  EXPECT_TRUE(HasNoChildren());
}

TEST_F(Hdf5ProcessTest, NonsenseFromTheHelperIsRefused) {
  UseHelper("printf 'hello' >&0");
  EXPECT_THAT(OpenError(), HasSubstr("the list of datasets was cut short"));
  UseHelper("printf '\\001\\001' >&0");
  EXPECT_THAT(OpenError(), HasSubstr("the list of datasets was cut short"));
}

TEST_F(Hdf5ProcessTest, AHelperThatTalksWithoutEndIsStopped) {
  UseHelper("exec yes >&0");
  EXPECT_THAT(OpenError(), HasSubstr("lists more datasets than fit into it"));
  EXPECT_TRUE(HasNoChildren());
}

TEST_F(Hdf5ProcessTest, AHelperThatHangsIsKilled) {
  UseHelper("exec sleep 1000");
  auto process = Hdf5Process::Start("list", "file", std::chrono::seconds(1));
  ASSERT_TRUE(process.ok()) << process.error().message();
  std::byte byte;
  const auto got = process->Receive({&byte, 1});
  ASSERT_FALSE(got.ok());
  EXPECT_THAT(got.error().message(), HasSubstr("took too long"));
  EXPECT_TRUE(HasNoChildren());
}

TEST_F(Hdf5ProcessTest, AProcessThatIsDroppedLeavesNothingBehind) {
  UseHelper("exec sleep 1000");
  { const auto process = Hdf5Process::Start("list", "file", std::chrono::seconds(60)); }
  EXPECT_TRUE(HasNoChildren());
}

TEST_F(Hdf5ProcessTest, TalkingToADeadHelperRaisesNoSignal) {
  UseHelper("exec 0<&-; exec sleep 1000");
  auto process = Hdf5Process::Start("read", "file", std::chrono::seconds(60));
  ASSERT_TRUE(process.ok());
  const std::vector<std::byte> much(8 << 20);
  EXPECT_THAT(process->Send(much),
              FailsWith(ErrorCode::kCorruptFile, "before it received its request"));
  EXPECT_TRUE(HasNoChildren());
}

TEST_F(Hdf5ProcessTest, AHelperThatStopsWithinADatasetIsReported) {
  const auto helper = FindHdf5Helper();
  ASSERT_TRUE(helper.ok());
  UseHelper(
      "[ \"$1\" = list ] && exec " + *helper +
      " \"$@\"\n"
      "dd bs=65536 count=1 of=/dev/null 2>/dev/null <&0; "  // the request, so that it can be sent
      "printf '\\003\\010\\000\\000\\000half' >&0");
  const auto file = Hdf5File::Open(Hdf5Sample("copies"));
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message(), HasSubstr("before it sent everything"));
}

TEST_F(Hdf5ProcessTest, AHelperThatSendsTooMuchOfADatasetIsRefused) {
  const auto helper = FindHdf5Helper();
  ASSERT_TRUE(helper.ok());
  UseHelper("[ \"$1\" = list ] && exec " + *helper +
            " \"$@\"\nprintf '\\003\\377\\377\\377\\377' >&0; sleep 1");
  const auto file = Hdf5File::Open(Hdf5Sample("copies"));
  ASSERT_FALSE(file.ok());
  EXPECT_THAT(file.error().message(), HasSubstr("sent more than requested"));
}

TEST_F(Hdf5ProcessTest, WorksWhereTheCallerIgnoresItsChildren) {
  const auto before = ::signal(SIGCHLD, SIG_IGN);
  const auto file = Hdf5File::Open(Hdf5Sample("copies"));
  ::signal(SIGCHLD, before);
  EXPECT_TRUE(file.ok()) << file.error().message();
}

TEST_F(Hdf5ProcessTest, TheHelperTakesNoOrdersFromTheFilesName) {
  const auto helper = FindHdf5Helper();
  ASSERT_TRUE(helper.ok());
  const std::string told = folder_.File("told"), marker = folder_.File("marker");
  UseHelper("printf '%s\\n' \"$#\" \"$2\" > " + told + "; exec " + *helper + " \"$@\"");
  // Names are relative, so that one may begin with a dash.
  std::filesystem::create_directory(folder_.File("work"));
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(folder_.File("work"));
  ::setenv("TARE_TEST_MARKER", marker.c_str(), 1);
  for (const std::string name :
       {"-x", "--help", "; touch $TARE_TEST_MARKER #", "$(touch $TARE_TEST_MARKER)",
        "`touch $TARE_TEST_MARKER`", "two words", "%s%n", "'", "\"", "two\nlines"}) {
    std::filesystem::copy_file(Hdf5Sample("latest"), folder_.File("work/" + name));
    const auto file = Hdf5File::Open(name);
    EXPECT_TRUE(file.ok()) << file.error().message();
    EXPECT_EQ(ReadBytes(told), "2\n" + name + "\n") << "arguments, and the second of them";
    EXPECT_FALSE(std::filesystem::exists(marker)) << name;
  }
  ::unsetenv("TARE_TEST_MARKER");
  std::filesystem::current_path(before);
}

}  // namespace
}  // namespace tare
