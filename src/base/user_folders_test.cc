#include "base/user_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

#include <optional>

#include "base/environment.h"

namespace tare {
namespace {

using ::testing::HasSubstr;

// Sets a variable, or takes it away; what it was comes back.
class ScopedVariable {
 public:
  ScopedVariable(const char* name, std::optional<std::string> value) : name_(name) {
    if (const char* old = getenv(name)) old_ = old;
    Set(value);
  }
  ~ScopedVariable() { Set(old_); }
  ScopedVariable(const ScopedVariable&) = delete;
  ScopedVariable& operator=(const ScopedVariable&) = delete;

 private:
  void Set(const std::optional<std::string>& value) const {
    if (value) {
      setenv(name_, value->c_str(), 1);
    } else {
      unsetenv(name_);
    }
  }
  const char* name_;
  std::optional<std::string> old_;
};

TEST(UserFoldersTest, AVariableComesBeforeHomeUnlessItIsEmpty) {
  const ScopedVariable home("HOME", "/home/ada");
  const ScopedVariable cache("XDG_CACHE_HOME", "/cache");
  const ScopedVariable data("XDG_DATA_HOME", "");
  const ScopedVariable state("XDG_STATE_HOME", std::nullopt);
  EXPECT_EQ(*UserCacheFolder(), "/cache");
  EXPECT_EQ(*UserDataFolder(), "/home/ada/.local/share");
  EXPECT_EQ(*UserStateFolder(), "/home/ada/.local/state");
}

TEST(UserFoldersTest, WithoutAnyTheErrorNamesWhatToSet) {
  const ScopedVariable home("HOME", std::nullopt);
  const ScopedVariable cache("XDG_CACHE_HOME", std::nullopt);
  const Result<std::string> folder = UserCacheFolder();
  ASSERT_FALSE(folder.ok());
  EXPECT_THAT(folder.error().message(), HasSubstr("set XDG_CACHE_HOME"));
}

TEST(EnvironmentVariableTest, OneThatIsNotThereIsEmpty) {
  const ScopedVariable set("TARE_TEST_VARIABLE", "value");
  EXPECT_EQ(EnvironmentVariable("TARE_TEST_VARIABLE"), "value");
  const ScopedVariable unset("TARE_TEST_VARIABLE", std::nullopt);
  EXPECT_EQ(EnvironmentVariable("TARE_TEST_VARIABLE"), "");
}

}  // namespace
}  // namespace tare
