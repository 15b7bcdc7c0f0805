#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <sstream>
#include <string>

#include "base/allocation_failure.h"
#include "base/exceptions.h"
#include "base/say.h"
#include "base/temporaries.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/usage.h"

namespace tare {
namespace {

// Handles exceptions that no catch block sees, in a thread or a noexcept function.
[[noreturn]] void EndByException() {
  if (std::current_exception()) {
    try {
      throw;
    } catch (...) {
      Say("tare: error: {}\n", ErrorOfException("running").message());
    }
  }
  RemoveTemporaries();
  _exit(kExitFailure);
}

int RunCommand(CommandContext& context) {
  CLI::App app(std::string(kAppDescription), "tare");
  AddCommands(app, context);
  std::vector<const char*> arguments;
  for (const std::string& argument : context.arguments) arguments.push_back(argument.c_str());
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& error) {
    // CLI11 reports help as an error with exit code 0. Any other code is a usage error.
    std::ostringstream help;
    if (app.exit(error, help, help) != 0) {
      SayText(UsageError(app, error));
      return kExitUsage;
    }
    const Status written = WriteStdout(help.str());
    if (!written.ok()) context.Fail(written.error());
  }
  return context.exit_code;
}

int Run(CommandContext& context) {
  try {
    return RunCommand(context);
  } catch (...) {
    context.Fail(ErrorOfException("running"));
    return context.exit_code;
  }
}

}  // namespace
}  // namespace tare

int main(int argc, char** argv) {
  // The parent may ignore SIGCHLD, and children inherit that; waiting for a child would then fail.
  signal(SIGCHLD, SIG_DFL);
  tare::HandleSignals();
  std::set_terminate(tare::EndByException);
  tare::CommandContext context;
  context.arguments.assign(argv, argv + argc);
  tare::throws_allocation_failures = true;
  return tare::Run(context);
}
