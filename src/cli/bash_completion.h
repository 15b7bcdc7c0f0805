#ifndef TARE_CLI_BASH_COMPLETION_H_
#define TARE_CLI_BASH_COMPLETION_H_

#include <CLI/CLI.hpp>
#include <string>

namespace tare {

// A script for bash that completes subcommands, flags, the names that a flag takes (backends among
// them) and, everywhere else, files. Made of the definitions of all commands.
std::string BashCompletion(const CLI::App& root);

}  // namespace tare

#endif  // TARE_CLI_BASH_COMPLETION_H_
