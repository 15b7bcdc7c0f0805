#include "cli/commands.h"

#include "base/say.h"

namespace tare {
namespace {

int ExitCodeOf(ErrorCode code) {
  if (code == ErrorCode::kInvalidInput) return kExitUsage;
  return code == ErrorCode::kInterrupted ? kExitInterrupted : kExitFailure;
}

}  // namespace

void CommandContext::Fail(const Error& error) {
  Say("tare: error: {}\n", error.message());
  exit_code = ExitCodeOf(error.code());
}

}  // namespace tare
