#ifndef TARE_CLI_USAGE_H_
#define TARE_CLI_USAGE_H_

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

namespace tare {

// The name with all its parents: "tare backends install".
std::string FullName(const CLI::App& command);
// What --help prints.
std::string HelpOf(const CLI::App& command);
// The names of the subcommands and of the flags ("--model") that the help shows.
std::vector<std::string> CommandNames(const CLI::App& command);
std::vector<std::string> FlagNames(const CLI::App& command);

// The message for arguments that cannot be parsed: what is wrong, what was probably meant, and
// where to read more. `app` is the root, as the parse left it.
std::string UsageError(const CLI::App& app, const CLI::ParseError& error);

// For a flag's ->check(): the value must be one of these names.
CLI::Validator OneOf(std::vector<std::string> names);

}  // namespace tare

#endif  // TARE_CLI_USAGE_H_
