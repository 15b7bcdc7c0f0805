#include "cli/output.h"

#include <cerrno>
#include <cstdio>

#include "base/error.h"

namespace tare {

Status WriteStdout(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return ErrnoError(errno, "standard output");
  }
  return {};
}

}  // namespace tare
