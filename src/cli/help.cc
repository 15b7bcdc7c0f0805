#include <fmt/format.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/closest_name.h"
#include "base/error.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/usage.h"

namespace tare {
namespace {

Status PrintHelp(const CLI::App& root, const std::vector<std::string>& path) {
  const CLI::App* command = &root;
  for (const std::string& name : path) {
    const CLI::App* next = nullptr;
    for (const CLI::App* one : command->get_subcommands([](const CLI::App*) { return true; })) {
      if (one->get_name() == name) next = one;
    }
    if (next == nullptr) {
      const std::vector<std::string> names = CommandNames(*command);
      if (names.empty()) return InvalidInput("{} has no commands", FullName(*command));
      const std::vector<std::string_view> views(names.begin(), names.end());
      return InvalidInput("{} has no command \"{}\"; {}", FullName(*command), name,
                          NameAdvice(name, views));
    }
    command = next;
  }
  return WriteStdout(HelpOf(*command));
}

}  // namespace

void AddHelpCommand(CLI::App& app, CommandContext& context) {
  auto path = std::make_shared<std::vector<std::string>>();
  CLI::App* command = app.add_subcommand("help", "Show the help of a command");
  command->add_option("command", *path, "Command; default: a short list of all commands");
  command->footer(
      "Examples:\n"
      "  tare help\n"
      "  tare help bench\n"
      "  tare help backends install");
  command->callback([&app, path, &context] {
    const Status status = PrintHelp(app, *path);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
