#include "cli/man_page.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "cli/usage.h"

namespace tare {
namespace {

// Text as troff shows it as it is: no line of it is a request, and hyphens can be searched for.
std::string Escaped(std::string_view text) {
  std::string out;
  bool at_start = true;
  for (const char c : text) {
    if (at_start && (c == '.' || c == '\'')) out += "\\&";
    at_start = c == '\n';
    switch (c) {
      case '\\':
        out += "\\e";
        break;
      case '-':
        out += "\\-";
        break;
      case '~':
        out += "\\(ti";
        break;
      case '^':
        out += "\\(ha";
        break;
      case '`':
        out += "\\(ga";
        break;
      default:
        out += c;
    }
  }
  return out;
}

// A description, whose line breaks are those of the terminal's help.
std::string Flowing(std::string_view text) {
  std::string flowing(text);
  std::ranges::replace(flowing, '\n', ' ');
  return Escaped(flowing);
}

std::string Bold(std::string_view text) { return fmt::format("\\fB{}\\fR", Escaped(text)); }
std::string Italic(std::string_view text) { return fmt::format("\\fI{}\\fR", Escaped(text)); }

// "FILE", "{cpu,gpu}=cpu", "[ID]": what follows a flag; empty for one without a value.
std::string ValueOf(const CLI::Option& option) {
  if (option.get_type_size() == 0) return {};
  std::string type = option.get_type_name();
  // A list of names says all; before it CLI11 puts the type.
  if (const size_t list = type.find('{'); list != type.npos) type = type.substr(list);
  const std::string value = option.get_default_str();
  return value.empty() ? Italic(type) : Italic(type) + Escaped("=" + value);
}

std::string FlagLine(const CLI::Option& option) {
  std::string line;
  for (const std::string& name : option.get_snames()) {
    line += (line.empty() ? "" : ", ") + Bold("-" + name);
  }
  for (const std::string& name : option.get_lnames()) {
    line += (line.empty() ? "" : ", ") + Bold("--" + name);
  }
  const std::string value = ValueOf(option);
  return value.empty() ? line : line + " " + value;
}

std::string PositionalLine(const CLI::Option& option) {
  const bool many = option.get_expected_max() >= CLI::detail::expected_max_vector_size;
  const std::string name = Italic(option.get_single_name()) + (many ? " ..." : "");
  return option.get_required() ? name : "[" + name + "]";
}

std::string Described(const CLI::Option& option) {
  std::string text = Flowing(option.get_description());
  if (!option.get_envname().empty()) {
    text += fmt::format(" (environment: {})", Escaped(option.get_envname()));
  }
  return text;
}

std::vector<const CLI::Option*> Shown(const CLI::App& command) {
  return command.get_options(
      [](const CLI::Option* option) { return !option->get_group().empty(); });
}

std::vector<const CLI::App*> ShownCommands(const CLI::App& command) {
  return command.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); });
}

std::string Synopsis(const CLI::App& command) {
  std::string text = fmt::format(".SH SYNOPSIS\n{} [{}]", Bold(FullName(command)), Italic("flags"));
  for (const CLI::Option* option : Shown(command)) {
    if (option->get_positional()) text += " " + PositionalLine(*option);
  }
  if (!ShownCommands(command).empty()) text += " " + Italic("command") + " ...";
  return text + "\n";
}

std::string Section(std::string_view title, const std::string& items) {
  return items.empty() ? "" : fmt::format(".SH {}\n{}", title, items);
}

std::string Item(const std::string& head, const std::string& text) {
  return fmt::format(".TP\n{}\n{}\n", head, text);
}

std::string Arguments(const CLI::App& command) {
  std::string items;
  for (const CLI::Option* option : Shown(command)) {
    if (option->get_positional()) items += Item(PositionalLine(*option), Described(*option));
  }
  return Section("ARGUMENTS", items);
}

std::string Flags(const CLI::App& command) {
  std::string items;
  for (const CLI::Option* option : Shown(command)) {
    if (option->nonpositional()) items += Item(FlagLine(*option), Described(*option));
  }
  return Section("OPTIONS", items);
}

std::string Commands(const CLI::App& command) {
  std::string items;
  for (const CLI::App* one : ShownCommands(command)) {
    items += Item(Bold(one->get_name()), Flowing(one->get_description()));
  }
  return Section("COMMANDS", items);
}

// Examples and what else help ends with, line by line.
std::string Notes(const CLI::App& command) {
  const std::string footer = command.get_footer();
  if (footer.empty()) return {};
  return fmt::format(".SH NOTES\n.nf\n{}\n.fi\n", Escaped(footer));
}

std::string SeeAlso(const CLI::App& command) {
  std::vector<std::string> pages;
  if (command.get_parent() != nullptr) pages.push_back(ManPageName(*command.get_parent()));
  for (const CLI::App* one : ShownCommands(command)) pages.push_back(ManPageName(*one));
  std::string text;
  for (const std::string& page : pages) {
    text += fmt::format(".BR {} (1){}\n", Escaped(page), &page == &pages.back() ? "" : ",");
  }
  return Section("SEE ALSO", text);
}

std::string Upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

}  // namespace

std::string ManPageName(const CLI::App& command) {
  std::string name = FullName(command);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string ManPage(const CLI::App& command) {
  const std::string name = ManPageName(command);
  return fmt::format(".TH \"{}\" 1 \"\" \"Tare {}\" \"User Commands\"\n", Escaped(Upper(name)),
                     TARE_VERSION) +
         fmt::format(".SH NAME\n{} \\- {}\n", Escaped(name), Flowing(command.get_description())) +
         Synopsis(command) + Commands(command) + Arguments(command) + Flags(command) +
         Notes(command) + SeeAlso(command);
}

}  // namespace tare
