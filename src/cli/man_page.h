#ifndef TARE_CLI_MAN_PAGE_H_
#define TARE_CLI_MAN_PAGE_H_

#include <CLI/CLI.hpp>
#include <string>

namespace tare {

// "tare-backends-install", the name of a command's page.
std::string ManPageName(const CLI::App& command);

// A command's manual page in man(7), made of its definition: names, positional arguments, flags,
// subcommands, and the footer of its help, whose lines stay as they are.
std::string ManPage(const CLI::App& command);

}  // namespace tare

#endif  // TARE_CLI_MAN_PAGE_H_
