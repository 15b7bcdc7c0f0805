#include "trim/run_program.h"

#include <signal.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

namespace tare {
namespace {

std::vector<std::string> MergedEnvironment(const std::map<std::string, std::string>& added) {
  std::vector<std::string> merged;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    if (added.count(std::string(text.substr(0, text.find('=')))) == 0) merged.emplace_back(text);
  }
  for (const auto& [name, value] : added) merged.push_back(name + "=" + value);
  return merged;
}

std::vector<char*> Pointers(std::vector<std::string>& strings) {
  std::vector<char*> pointers;
  for (std::string& text : strings) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

// Blocks the signals that are waited for; the old mask comes back at the end.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigemptyset(&set_);
    for (int signal : {SIGCHLD, SIGTERM, SIGHUP, SIGINT, SIGQUIT}) sigaddset(&set_, signal);
    sigprocmask(SIG_BLOCK, &set_, &old_);
  }
  ~BlockedSignals() { sigprocmask(SIG_SETMASK, &old_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

  const sigset_t* set() const { return &set_; }
  const sigset_t* old() const { return &old_; }

 private:
  sigset_t set_, old_;
};

Result<pid_t> Spawn(const std::vector<std::string>& command,
                    const std::map<std::string, std::string>& environment,
                    const sigset_t* signal_mask) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> variables = MergedEnvironment(environment);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setsigmask(&attributes, signal_mask);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  pid_t child = -1;
  const int reason = posix_spawnp(&child, command[0].c_str(), nullptr, &attributes,
                                  Pointers(arguments).data(), Pointers(variables).data());
  posix_spawnattr_destroy(&attributes);
  if (reason != 0) return ErrnoError(reason, command[0]);
  return child;
}

// The terminal sends an interrupt to the program itself; one that another process sent has reached
// us alone.
bool IsForTheProgram(int signal, const siginfo_t& info) {
  if (signal == SIGINT || signal == SIGQUIT) return info.si_code <= 0;
  return signal == SIGTERM || signal == SIGHUP;
}

}  // namespace

Result<ProgramEnd> RunProgram(const std::vector<std::string>& command,
                              const std::map<std::string, std::string>& environment) {
  const BlockedSignals blocked;
  TARE_ASSIGN_OR_RETURN(const pid_t child, Spawn(command, environment, blocked.old()));
  while (true) {
    int status = 0;
    rusage usage = {};
    const pid_t ended = wait4(child, &status, WNOHANG, &usage);
    if (ended < 0) return ErrnoError(errno, "wait4");
    if (ended == child) {
      ProgramEnd end;
      end.exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
      end.peak_rss_bytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
      return end;
    }
    siginfo_t info = {};
    const int signal = sigwaitinfo(blocked.set(), &info);
    if (IsForTheProgram(signal, info)) kill(child, signal);
  }
}

Error BecomeProgram(const std::vector<std::string>& command,
                    const std::map<std::string, std::string>& environment) {
  std::vector<std::string> arguments = command;
  std::vector<std::string> variables = MergedEnvironment(environment);
  execvpe(command[0].c_str(), Pointers(arguments).data(), Pointers(variables).data());
  return ErrnoError(errno, command[0]);
}

}  // namespace tare
