#include "trim/run_program.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "os/spawn.h"

namespace tare {
namespace {

// Blocks the signals to wait for; restores the old mask at the end.
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

// The terminal sends its interrupt to the program too; one from another process reaches only this
// process.
bool IsForTheProgram(int signal, const siginfo_t& info) {
  if (signal == SIGINT || signal == SIGQUIT) return info.si_code <= 0;
  return signal == SIGTERM || signal == SIGHUP;
}

}  // namespace

Result<ProgramEnd> RunProgram(const std::vector<std::string>& command,
                              const std::map<std::string, std::string>& environment) {
  const BlockedSignals blocked;
  SpawnOptions options;
  options.environment = environment;
  options.blocked_signals = *blocked.old();
  options.search_path = true;
  TARE_ASSIGN_OR_RETURN(const pid_t child, Spawn(command[0], command, options));
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
  ExecStrings arguments(command), variables(EnvironmentWith(environment));
  execvpe(command[0].c_str(), arguments.data(), variables.data());
  return ErrnoError(errno, command[0]);
}

}  // namespace tare
