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

// Runs a program to its end and hands on all it writes, stdout and stderr together, as it comes.
// Nothing it started is left behind. Errors: Io (cannot be executed, timed out, interrupted, ended
// by a signal or with another status than 0; the message then ends in the last lines it wrote).
Status RunCommand(const Command& command, uint64_t timeout_ns, InterruptWatch& interrupt,
                  const std::function<void(std::string_view)>& on_output);

// RunCommand with the output returned, at most 1 MiB of its end.
Result<std::string> CaptureCommand(const Command& command, uint64_t timeout_ns,
                                   InterruptWatch& interrupt);

}  // namespace tare

#endif  // TARE_OS_RUN_COMMAND_H_
