#ifndef TARE_CLI_BASH_COMPLETION_H_
#define TARE_CLI_BASH_COMPLETION_H_

#include <CLI/CLI.hpp>
#include <string>

namespace tare {

// A bash script that completes subcommands, flags, the names that a flag takes (such as backends)
// and, everywhere else, files. Generated from the definitions of all commands.
std::string BashCompletion(const CLI::App& root);

}  // namespace tare

#endif  // TARE_CLI_BASH_COMPLETION_H_
