#ifndef TARE_TRIM_RUN_PROGRAM_H_
#define TARE_TRIM_RUN_PROGRAM_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/error.h"

namespace tare {

struct ProgramEnd {
  int exit_code = 0;            // the program's; 128 and the signal's number if one ended it
  uint64_t peak_rss_bytes = 0;  // of the program, or of the largest child that it waited for
};

// Runs a program on our own terminal and streams, and waits for its end. The terminal's interrupt
// reaches the program by itself; SIGINT and SIGQUIT that a process sent us, SIGTERM and SIGHUP are
// passed on to it.
//   command      program (searched in PATH) and arguments.
//   environment  added to, or replacing, our own.
//   Errors       Io where it cannot be started.
Result<ProgramEnd> RunProgram(const std::vector<std::string>& command,
                              const std::map<std::string, std::string>& environment);

// Makes this process the program: its number, open descriptors and cgroup stay. Returns only what
// kept it from that.
//   Errors   Io.
Error BecomeProgram(const std::vector<std::string>& command,
                    const std::map<std::string, std::string>& environment);

}  // namespace tare

#endif  // TARE_TRIM_RUN_PROGRAM_H_
