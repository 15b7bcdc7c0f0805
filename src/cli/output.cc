#include "cli/output.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>

#include "base/descriptor_io.h"
#include "base/temporaries.h"

namespace tare {

Status WriteStdout(std::string_view text) {
  const int reason = WriteFully(STDOUT_FILENO, std::as_bytes(std::span(text)));
  if (reason == EPIPE) EndBySignal(SIGPIPE);
  if (reason != 0) return WriteError(reason, "standard output");
  return {};
}

}  // namespace tare
