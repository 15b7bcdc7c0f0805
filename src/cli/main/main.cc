#include <signal.h>

#include <CLI/CLI.hpp>

#include "base/temporaries.h"
#include "cli/commands.h"

int main(int argc, char** argv) {
  // Whoever started us may ignore it, which is inherited: no child's end could be waited for.
  signal(SIGCHLD, SIG_DFL);
  tare::HandleSignals();
  tare::CommandContext context;
  context.arguments.assign(argv, argv + argc);

  CLI::App app("Weigh, trim and run language models in the memory of their weights", "tare");
  app.set_version_flag("--version", TARE_VERSION);
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Help of every subcommand");
  tare::AddGenerateCommand(app, context);
  tare::AddConvertCommand(app, context);
  tare::AddScoreCommand(app, context);
  tare::AddInspectCommand(app, context);
  tare::AddTokenizeCommand(app, context);
  tare::AddSynthCommand(app, context);
  tare::AddBenchCommand(app, context);
  tare::AddReportCommand(app, context);
  tare::AddCompareCommand(app, context);
  tare::AddRunCommand(app, context);
  tare::AddBackendsCommand(app, context);
  tare::AddWorkerCommand(app, context);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    // CLI11 prints help on stdout and mistakes on stderr; any mistake is a usage error here.
    return app.exit(error) == 0 ? tare::kExitOk : tare::kExitUsage;
  }
  return context.exit_code;
}
