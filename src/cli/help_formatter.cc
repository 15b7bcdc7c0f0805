#include "cli/help_formatter.h"

#include <fmt/format.h>

#include <sstream>

#include "base/wrap_text.h"

namespace tare {
namespace {

constexpr size_t kHelpAllIndent = 2;

}  // namespace

std::string HelpFormatter::make_option_opts(const CLI::Option* option) const {
  const std::string text = Formatter::make_option_opts(option);
  return text.substr(0, text.find(" " + get_label("Excludes") + ":"));
}

std::string HelpFormatter::make_option_desc(const CLI::Option* option) const {
  return Wrapped(Formatter::make_option_desc(option));
}

std::string HelpFormatter::make_subcommand(const CLI::App* command) const {
  std::ostringstream out;
  CLI::detail::format_help(out, command->get_display_name(true),
                           Wrapped(command->get_description()), get_column_width());
  return out.str();
}

// CLI11 indents each line to the column of descriptions, and --help-all by two more.
std::string HelpFormatter::Wrapped(const std::string& description) const {
  const size_t columns = kTextColumns - get_column_width() - kHelpAllIndent;
  return fmt::format("{}", fmt::join(WrapLines(description, columns, LongWord::kKeep), "\n"));
}

}  // namespace tare
