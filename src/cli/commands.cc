#include "cli/commands.h"

#include "base/say.h"

namespace tare {

void CommandContext::Fail(const Error& error) {
  Say("tare: error: {}\n", error.message());
  exit_code = error.code() == ErrorCode::kInvalidInput ? kExitUsage : kExitFailure;
}

}  // namespace tare
