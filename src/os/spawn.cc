#include "os/spawn.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <string_view>
#include <utility>

namespace tare {
namespace {

class SpawnPlan {
 public:
  explicit SpawnPlan(const SpawnOptions& options) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawnattr_init(&attributes_);
    if (options.input >= 0) {
      posix_spawn_file_actions_adddup2(&actions_, options.input, STDIN_FILENO);
      posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
      posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    }
    short flags = POSIX_SPAWN_SETSIGMASK;
    posix_spawnattr_setsigmask(&attributes_, &options.blocked_signals);
    if (options.default_signals) {
      sigset_t all;
      sigfillset(&all);
      posix_spawnattr_setsigdefault(&attributes_, &all);
      flags |= POSIX_SPAWN_SETSIGDEF;
    }
    posix_spawnattr_setflags(&attributes_, flags);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

}  // namespace

ExecStrings::ExecStrings(std::vector<std::string> texts) : texts_(std::move(texts)) {
  for (std::string& text : texts_) pointers_.push_back(text.data());
  pointers_.push_back(nullptr);
}

std::vector<std::string> EnvironmentWith(const std::map<std::string, std::string>& added) {
  std::vector<std::string> entries;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (!added.contains(std::string(text.substr(0, text.find('='))))) entries.emplace_back(text);
  }
  for (const auto& [name, value] : added) entries.push_back(name + "=" + value);
  return entries;
}

Result<pid_t> Spawn(const std::string& program, const std::vector<std::string>& argv,
                    const SpawnOptions& options) {
  const SpawnPlan plan(options);
  ExecStrings arguments(argv), environment(EnvironmentWith(options.environment));
  pid_t child = -1;
  const auto spawn = options.search_path ? posix_spawnp : posix_spawn;
  const int failed = spawn(&child, program.c_str(), plan.actions(), plan.attributes(),
                           arguments.data(), environment.data());
  if (failed != 0) return ErrnoError(failed, program);
  return child;
}

}  // namespace tare
