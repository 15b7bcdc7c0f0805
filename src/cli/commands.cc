#include "cli/commands.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdint>
#include <string>

#include "base/say.h"

namespace tare {
namespace {

int ExitCodeOf(ErrorCode code) {
  if (code == ErrorCode::kInvalidInput) return kExitUsage;
  return code == ErrorCode::kInterrupted ? kExitInterrupted : kExitFailure;
}

// Where the address space is limited, that is the likely reason for want of memory.
std::string MemoryNote(ErrorCode code) {
  rlimit limit = {};
  if (code != ErrorCode::kOutOfMemory || getrlimit(RLIMIT_AS, &limit) != 0 ||
      limit.rlim_cur == RLIM_INFINITY) {
    return "";
  }
  return fmt::format("; this process may have {} bytes of address space (ulimit -v {})",
                     uint64_t{limit.rlim_cur}, limit.rlim_cur / 1024);
}

}  // namespace

void CommandContext::Fail(const Error& error) {
  Say("tare: error: {}{}\n", error.message(), MemoryNote(error.code()));
  exit_code = ExitCodeOf(error.code());
}

}  // namespace tare
