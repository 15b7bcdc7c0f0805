#ifndef TARE_CLI_COMMANDS_H_
#define TARE_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tare/error.h"

namespace tare {

// Exit codes of every subcommand.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailure = 1;  // the work failed (`tare compare`: found a regression)
inline constexpr int kExitUsage = 2;    // wrong flags or input; runs that cannot be compared
inline constexpr int kExitScenariosFailed = 3;
inline constexpr int kExitUnsupported = 4;  // `tare convert`: the output has no word for the model
inline constexpr int kExitInterrupted = 130;

// Shared by main and the subcommands; outlives the parse.
struct CommandContext {
  std::vector<std::string> arguments;  // argv as given, argv[0] first
  int exit_code = kExitOk;             // what main returns

  // Prints `tare: error: MESSAGE` on stderr and sets exit_code: 2 for InvalidInput, else 1.
  void Fail(const Error& error);
};

inline constexpr std::string_view kAppDescription =
    "Weigh, trim and run language models on machines with limited memory";

// Adds all subcommands and flags to `app`, the root. Both must outlive the parse.
void AddCommands(CLI::App& app, CommandContext& context);

// Each adds one subcommand whose callback does the work and sets context.exit_code.
void AddConvertCommand(CLI::App& app, CommandContext& context);
void AddGenerateCommand(CLI::App& app, CommandContext& context);
void AddScoreCommand(CLI::App& app, CommandContext& context);
void AddInspectCommand(CLI::App& app, CommandContext& context);
void AddTokenizeCommand(CLI::App& app, CommandContext& context);
void AddSynthCommand(CLI::App& app, CommandContext& context);
void AddBenchCommand(CLI::App& app, CommandContext& context);
void AddCompareCommand(CLI::App& app, CommandContext& context);
void AddReportCommand(CLI::App& app, CommandContext& context);
void AddRunCommand(CLI::App& app, CommandContext& context);
void AddBackendsCommand(CLI::App& app, CommandContext& context);
void AddHelpCommand(CLI::App& app, CommandContext& context);
void AddWorkerCommand(CLI::App& app,
                      CommandContext& context);  // hidden: the `native` row's process

}  // namespace tare

#endif  // TARE_CLI_COMMANDS_H_
