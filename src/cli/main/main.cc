#include <signal.h>

#include <CLI/CLI.hpp>
#include <sstream>
#include <string>

#include "base/say.h"
#include "base/temporaries.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/usage.h"

int main(int argc, char** argv) {
  // Whoever started us may ignore it, which is inherited: no child's end could be waited for.
  signal(SIGCHLD, SIG_DFL);
  tare::HandleSignals();
  tare::CommandContext context;
  context.arguments.assign(argv, argv + argc);

  CLI::App app(std::string(tare::kAppDescription), "tare");
  tare::AddCommands(app, context);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // Help is a "mistake" with exit code 0; any other is a usage error here.
    std::ostringstream help;
    if (app.exit(error, help, help) != 0) {
      tare::SayText(tare::UsageError(app, error));
      return tare::kExitUsage;
    }
    const tare::Status written = tare::WriteStdout(help.str());
    if (!written.ok()) context.Fail(written.error());
  }
  return context.exit_code;
}
