#include "cli/commands.h"

#include <fmt/format.h>

#include <cstdio>

namespace tare {

void CommandContext::Fail(const Error& error) {
  fmt::print(stderr, "tare: error: {}\n", error.message());
  exit_code = error.code() == ErrorCode::kInvalidInput ? kExitUsage : kExitFailure;
}

}  // namespace tare
