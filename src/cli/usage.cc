#include "cli/usage.h"

#include <fmt/format.h>

#include <string_view>

#include "base/closest_name.h"

namespace tare {
namespace {

std::vector<std::string_view> Views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

// The innermost subcommand that the arguments name.
const CLI::App& Deepest(const CLI::App& app) {
  const std::vector<CLI::App*> parsed = app.get_subcommands();
  return parsed.empty() ? app : Deepest(*parsed.front());
}

// The first argument that no flag and no positional argument took, or empty.
std::string FirstLeftOver(const CLI::App& app) {
  const std::vector<std::string> left = app.remaining(true);
  return left.empty() ? "" : left.front();
}

std::string Unexpected(const CLI::App& command, const std::string& argument) {
  if (argument.size() > 1 && argument.front() == '-') {
    const std::string name = argument.substr(0, argument.find('='));
    const std::vector<std::string> flags = FlagNames(command);
    const std::string_view closest = ClosestName(name, Views(flags));
    return closest.empty() ? fmt::format("there is no flag {}", name)
                           : fmt::format("there is no flag {}; did you mean {}?", name, closest);
  }
  if (const std::vector<std::string> names = CommandNames(command); !names.empty()) {
    return fmt::format("there is no command \"{}\"; {}", argument,
                       NameAdvice(argument, Views(names)));
  }
  return fmt::format("unexpected argument \"{}\"", argument);
}

}  // namespace

std::string FullName(const CLI::App& command) {
  const CLI::App* parent = command.get_parent();
  return parent == nullptr ? command.get_name() : FullName(*parent) + " " + command.get_name();
}

std::string HelpOf(const CLI::App& command) {
  // App::help would show the help of the subcommand that was parsed.
  return command.get_formatter()->make_help(&command, FullName(command),
                                            CLI::AppFormatMode::Normal);
}

std::vector<std::string> CommandNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* one : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (!one->get_group().empty()) names.push_back(one->get_name());
  }
  return names;
}

std::vector<std::string> FlagNames(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_group().empty()) continue;
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

std::string UsageError(const CLI::App& app, const CLI::ParseError& error) {
  const CLI::App& command = Deepest(app);
  const std::string left = FirstLeftOver(app);
  const bool no_command = command.get_require_subcommand_min() > 0;
  const bool is_extra = error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
  std::string what = error.what();
  if (!left.empty() && (is_extra || no_command)) {
    what = Unexpected(command, left);
  } else if (no_command) {
    what = fmt::format("no command given; expected one of: {}",
                       fmt::join(CommandNames(command), ", "));
  }
  return fmt::format("tare: error: {}\ntry: {} --help\n", what, FullName(command));
}

CLI::Validator OneOf(std::vector<std::string> names) {
  std::string description = fmt::format("{{{}}}", fmt::join(names, ","));
  const auto check = [names = std::move(names)](const std::string& given) -> std::string {
    for (const std::string& name : names) {
      if (given == name) return "";
    }
    return fmt::format("got \"{}\"; {}", given, NameAdvice(given, Views(names)));
  };
  return CLI::Validator(check, std::move(description));
}

}  // namespace tare
