#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <sstream>
#include <string>

#include "base/exceptions.h"
#include "base/say.h"
#include "base/temporaries.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/usage.h"

namespace tare {
namespace {

// For what no catch block sees: an exception in a thread, or in a function that may throw none.
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

int Run(CommandContext& context) {
  CLI::App app(std::string(kAppDescription), "tare");
  AddCommands(app, context);
  std::vector<const char*> arguments;
  for (const std::string& argument : context.arguments) arguments.push_back(argument.c_str());
  try {
    app.parse(static_cast<int>(arguments.size()), arguments.data());
  } catch (const CLI::ParseError& error) {
    // Help is a "mistake" with exit code 0; any other is a usage error here.
    std::ostringstream help;
    if (app.exit(error, help, help) != 0) {
      SayText(UsageError(app, error));
      return kExitUsage;
    }
    const Status written = WriteStdout(help.str());
    if (!written.ok()) context.Fail(written.error());
  } catch (...) {
    context.Fail(ErrorOfException("running"));
  }
  return context.exit_code;
}

}  // namespace
}  // namespace tare

int main(int argc, char** argv) {
  // Whoever started us may ignore it, which is inherited: no child's end could be waited for.
  signal(SIGCHLD, SIG_DFL);
  tare::HandleSignals();
  std::set_terminate(tare::EndByException);
  tare::CommandContext context;
  context.arguments.assign(argv, argv + argc);
  return tare::Run(context);
}
