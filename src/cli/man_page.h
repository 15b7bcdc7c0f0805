#ifndef TARE_CLI_MAN_PAGE_H_
#define TARE_CLI_MAN_PAGE_H_

#include <CLI/CLI.hpp>
#include <string>

namespace tare {

// The name of a command's manual page: "tare-backends-install".
std::string ManPageName(const CLI::App& command);

// A command's manual page in man(7), generated from its definition: name, positional arguments,
// flags, subcommands, and the footer of its help, which keeps its lines.
std::string ManPage(const CLI::App& command);

}  // namespace tare

#endif  // TARE_CLI_MAN_PAGE_H_
