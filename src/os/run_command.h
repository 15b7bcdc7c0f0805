#ifndef TARE_OS_RUN_COMMAND_H_
#define TARE_OS_RUN_COMMAND_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "os/child_process.h"
#include "os/interrupt.h"

namespace tare {

// A program that has ended.
struct CommandEnd {
  ExitStatus exit;
  std::string tail;  // the last lines of its stdout and stderr
};

// Runs a program to its end, whatever its status, and passes on its stdout and stderr together, as
// they come. Ends every process that it started. Errors: Io (cannot be executed, timed out),
// Interrupted.
Result<CommandEnd> RunToEnd(const Command& command, uint64_t timeout_ns, InterruptWatch& interrupt,
                            const std::function<void(std::string_view)>& on_output);

// Errors: Io if the program ended by a signal or with a status other than 0.
Status CheckEnd(const Command& command, const CommandEnd& end);

// As RunToEnd, but a program that ends by a signal or with a status other than 0 is an error too,
// Io; the message ends with the program's last lines.
Status RunCommand(const Command& command, uint64_t timeout_ns, InterruptWatch& interrupt,
                  const std::function<void(std::string_view)>& on_output);

// As RunCommand, but returns the output; at most its last 1 MiB.
Result<std::string> CaptureCommand(const Command& command, uint64_t timeout_ns,
                                   InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_OS_RUN_COMMAND_H_
