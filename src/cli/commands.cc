#include "cli/commands.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdint>
#include <memory>
#include <string>

#include "base/say.h"
#include "cli/build_commit.h"
#include "cli/help_formatter.h"

namespace tare {
namespace {

int ExitCodeOf(ErrorCode code) {
  if (code == ErrorCode::kInvalidInput) return kExitUsage;
  return code == ErrorCode::kInterrupted ? kExitInterrupted : kExitFailure;
}

// A limit on address space is the likely reason for running out of memory.
std::string MemoryNote(ErrorCode code) {
  rlimit limit = {};
  if (code != ErrorCode::kOutOfMemory || getrlimit(RLIMIT_AS, &limit) != 0 ||
      limit.rlim_cur == RLIM_INFINITY) {
    return "";
  }
  return fmt::format("; the limit is {} bytes of address space (ulimit -v {})",
                     uint64_t{limit.rlim_cur}, limit.rlim_cur / 1024);
}

}  // namespace

void AddCommands(CLI::App& app, CommandContext& context) {
  app.formatter(std::make_shared<HelpFormatter>());  // before subcommands, which inherit it
  app.set_version_flag("--version", VersionText());
  app.require_subcommand(1);
  app.set_help_all_flag("--help-all", "Print the help of every subcommand");
  AddGenerateCommand(app, context);
  AddConvertCommand(app, context);
  AddScoreCommand(app, context);
  AddInspectCommand(app, context);
  AddTokenizeCommand(app, context);
  AddSynthCommand(app, context);
  AddBenchCommand(app, context);
  AddReportCommand(app, context);
  AddCompareCommand(app, context);
  AddRunCommand(app, context);
  AddBackendsCommand(app, context);
  AddHelpCommand(app, context);
  AddWorkerCommand(app, context);
  // Before any command runs: by itself CLI11 checks for surplus arguments only afterwards.
  app.parse_complete_callback([&app] {
    if (app.remaining_size(true) > 0) throw CLI::ExtrasError(app.get_name(), app.remaining(true));
  });
}

void CommandContext::Fail(const Error& error) {
  Say("tare: error: {}{}\n", error.message(), MemoryNote(error.code()));
  exit_code = ExitCodeOf(error.code());
}

}  // namespace tare
