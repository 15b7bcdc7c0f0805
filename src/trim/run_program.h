#ifndef TARE_TRIM_RUN_PROGRAM_H_
#define TARE_TRIM_RUN_PROGRAM_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

struct ProgramEnd {
  int exit_code = 0;            // the program's; 128 + the signal's number if a signal ended it
  uint64_t peak_rss_bytes = 0;  // of the program or its largest finished child, whichever is larger
};

// Runs a program on this process's terminal and streams, and waits for its end. An interrupt from
// the terminal reaches the program directly. SIGTERM and SIGHUP are passed on to it, and so are
// SIGINT and SIGQUIT from another process.
//   command      program (searched in PATH) and arguments.
//   environment  variables to add to this process's own, or to replace in it.
//   Errors       Io if the program cannot be started.
Result<ProgramEnd> RunProgram(const std::vector<std::string>& command,
                              const std::map<std::string, std::string>& environment);

// Replaces this process with the program (exec); process id, open descriptors and cgroup stay.
// Returns only if that fails.
//   Errors   Io.
Error BecomeProgram(const std::vector<std::string>& command,
                    const std::map<std::string, std::string>& environment);

}  // namespace tare

#endif  // TARE_TRIM_RUN_PROGRAM_H_
