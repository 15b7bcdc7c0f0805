#ifndef TARE_CLI_HELP_FORMATTER_H_
#define TARE_CLI_HELP_FORMATTER_H_

#include <CLI/CLI.hpp>
#include <string>

namespace tare {

// CLI11's help, with descriptions wrapped at kTextColumns. Leaves out which flags exclude which: a
// call that breaks such a rule gets an error that names both.
class HelpFormatter : public CLI::Formatter {
 public:
  std::string make_option_opts(const CLI::Option* option) const override;
  std::string make_option_desc(const CLI::Option* option) const override;
  std::string make_subcommand(const CLI::App* command) const override;

 private:
  std::string Wrapped(const std::string& description) const;
};

}  // namespace tare

#endif  // TARE_CLI_HELP_FORMATTER_H_
