#ifndef TARE_OS_SPAWN_H_
#define TARE_OS_SPAWN_H_

#include <signal.h>
#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

// Texts in the form that exec and posix_spawn take.
class ExecStrings {
 public:
  explicit ExecStrings(std::vector<std::string> texts);
  ExecStrings(const ExecStrings&) = delete;
  ExecStrings& operator=(const ExecStrings&) = delete;

  char** data() { return pointers_.data(); }

 private:
  std::vector<std::string> texts_;
  std::vector<char*> pointers_;  // into texts_, with a null at the end
};

// This process's environment as NAME=value, with variables added or replaced.
std::vector<std::string> EnvironmentWith(const std::map<std::string, std::string>& added);

// How a program starts.
struct SpawnOptions {
  std::map<std::string, std::string> environment;  // added to this process's own, or replacing it
  // Standard input; standard output and error are then /dev/null. -1: the program inherits all
  // three.
  int input = -1;
  sigset_t blocked_signals = {};  // none, unless filled
  bool default_signals = false;   // do not inherit ignored signals
  bool search_path = false;       // search PATH for a name without a slash
};

// Starts a program and returns its process id. The caller must wait for it.
//   Errors   Io if the program cannot be started; the message names it.
Result<pid_t> Spawn(const std::string& program, const std::vector<std::string>& argv,
                    const SpawnOptions& options);

}  // namespace tare

#endif  // TARE_OS_SPAWN_H_
