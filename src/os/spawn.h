#ifndef TARE_OS_SPAWN_H_
#define TARE_OS_SPAWN_H_

#include <signal.h>
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

// Texts as exec and posix_spawn take them.
class ExecStrings {
 public:
  explicit ExecStrings(std::vector<std::string> texts);
  ExecStrings(const ExecStrings&) = delete;
  ExecStrings& operator=(const ExecStrings&) = delete;

  char** data() { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;  // into texts_, and null behind
};

// NAME=value of our environment, with variables added or replaced.
std::vector<std::string> EnvironmentWith(const std::map<std::string, std::string>& added);

// How a program starts.
struct SpawnOptions {
  std::map<std::string, std::string> environment;  // added to, or replacing, our own
  // Its standard input; standard output and error are then /dev/null. -1: all three are ours.
  int input = -1;
  sigset_t blocked_signals = {};  // none, unless filled
  bool default_signals = false;   // no signal is ignored, whatever we ignore
  bool search_path = false;       // a name without a slash is searched in PATH
};

// Starts a program and returns its number. Whoever calls waits for it.
//   Errors   Io where it cannot be started, naming it.
Result<pid_t> Spawn(const std::string& program, const std::vector<std::string>& argv,
                    const SpawnOptions& options);

}  // namespace tare

#endif  // TARE_OS_SPAWN_H_
