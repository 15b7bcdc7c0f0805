#include "os/spawn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace tare {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// The wait status of `sh -c script`.
int StatusOf(const std::string& script, const SpawnOptions& options) {
  const Result<pid_t> child = Spawn("/bin/sh", {"sh", "-c", script}, options);
  EXPECT_TRUE(child.ok());
  int status = -1;
  if (child.ok()) {
    EXPECT_EQ(waitpid(*child, &status, 0), *child);
  }
  return status;
}

TEST(SpawnTest, VariablesAreAddedAndReplaced) {
  setenv("TARE_TEST_OLD", "old", 1);
  SpawnOptions options;
  options.environment = {{"TARE_TEST_OLD", "new"}, {"TARE_TEST_NEW", "5"}};
  EXPECT_EQ(WEXITSTATUS(StatusOf("[ $TARE_TEST_OLD = new ] && exit $TARE_TEST_NEW", options)), 5);
  EXPECT_THAT(EnvironmentWith({}), Contains("TARE_TEST_OLD=old"));
  EXPECT_THAT(EnvironmentWith(options.environment), Not(Contains("TARE_TEST_OLD=old")));
  unsetenv("TARE_TEST_OLD");
}

TEST(SpawnTest, ItReadsTheInputThatItIsGiven) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  ASSERT_EQ(write(ends[1], "7\n", 2), 2);
  close(ends[1]);
  SpawnOptions options;
  options.input = ends[0];
  EXPECT_EQ(WEXITSTATUS(StatusOf("read code; echo lost; exit $code", options)), 7);
  close(ends[0]);
}

TEST(SpawnTest, SignalsAreAsAskedWhateverOursAre) {
  sigset_t blocked, old;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  sigprocmask(SIG_BLOCK, &blocked, &old);
  const auto handler = signal(SIGUSR1, SIG_IGN);
  SpawnOptions options;
  EXPECT_TRUE(WIFSIGNALED(StatusOf("kill -TERM $$", options)));
  EXPECT_TRUE(WIFEXITED(StatusOf("kill -USR1 $$", options)));
  options.default_signals = true;
  EXPECT_TRUE(WIFSIGNALED(StatusOf("kill -USR1 $$", options)));
  options.blocked_signals = blocked;
  EXPECT_TRUE(WIFEXITED(StatusOf("kill -TERM $$", options)));
  signal(SIGUSR1, handler);
  sigprocmask(SIG_SETMASK, &old, nullptr);
}

TEST(SpawnTest, ANameIsSearchedOnlyWhereThatIsAskedFor) {
  SpawnOptions options;
  const Result<pid_t> refused = Spawn("sh", {"sh", "-c", "exit"}, options);
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message(), HasSubstr("sh: No such file"));
  options.search_path = true;
  const Result<pid_t> found = Spawn("sh", {"sh", "-c", "exit"}, options);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(waitpid(*found, nullptr, 0), *found);
}

}  // namespace
}  // namespace tare
