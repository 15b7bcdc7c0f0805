#include "cli/bash_completion.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "bench/rows/backends.h"
#include "cli/man_page.h"
#include "cli/usage.h"

namespace tare {
namespace {

// The part that does not depend on the commands. It finds the command in the words before the
// cursor, then looks up in the tables what may follow.
constexpr std::string_view kEngine = R"bash(
# Completes a value of which there may be several with commas between: $1 the names.
_tare_names() {
  local before= current=$cur
  if [[ $current == *,* ]]; then
    before=${current%,*},
    current=${current##*,}
  fi
  # Bash replaces only what follows the last character of COMP_WORDBREAKS, such as ":".
  local shown=$before$current prefix= name
  [[ ${COMP_WORDBREAKS-} == *:* && $shown == *:* ]] && prefix=${shown%"${shown##*:}"}
  for name in $1; do
    [[ $name == "$current"* ]] || continue
    name=$before$name
    COMPREPLY+=("${name#"$prefix"}")
  done
}

_tare_files() {
  local file
  compopt -o filenames 2>/dev/null
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$cur")
}

_tare() {
  local command=tare cur previous= word i names
  local -a words=()
  COMPREPLY=()
  # "a:b" comes as three words where ":" breaks them, and is one here.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if ((i > 0)) && [[ ($word == : || ${COMP_WORDS[i - 1]} == :) && ${#words[@]} -gt 0 ]]; then
      words[${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
  done
  cur=${words[${#words[@]} - 1]}
  for ((i = 1; i < ${#words[@]} - 1; i++)); do
    word=${words[i]}
    # After "--" comes a program's own command line.
    if [[ $word == -- ]]; then
      _tare_files
      return
    fi
    # What follows "help" is a command too.
    names=$(_tare_commands "${command/#tare-help/tare}")
    [[ " $names " == *" $word "* ]] && command+=-$word
    previous=$word
  done
  if [[ $previous == = ]]; then previous=${words[${#words[@]} - 3]}; fi
  if [[ $cur == = ]]; then
    previous=${words[${#words[@]} - 2]}
    cur=
  fi
  names=$(_tare_values "$command" "$previous")
  if [[ -n $names ]]; then
    [[ $names == FILE ]] && _tare_files
    [[ $names == FILE || $names == ANY ]] || _tare_names "$names"
  elif [[ $cur == -* ]]; then
    _tare_names "$(_tare_flags "$command")"
  else
    names=$(_tare_commands "${command/#tare-help/tare}")
    [[ -n $names ]] || names=$(_tare_arguments "$command")
    if [[ -n $names ]]; then _tare_names "$names"; else _tare_files; fi
  fi
}
complete -F _tare tare
)bash";

std::vector<const CLI::App*> AllCommands(const CLI::App& command) {
  std::vector<const CLI::App*> all = {&command};
  for (const CLI::App* one : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (one->get_group().empty()) continue;
    const std::vector<const CLI::App*> below = AllCommands(*one);
    all.insert(all.end(), below.begin(), below.end());
  }
  return all;
}

std::string BackendNames() {
  std::string names;
  for (const Backend& backend : AllBackends()) {
    names += (names.empty() ? "" : " ") + std::string(backend.name);
  }
  return names;
}

// Names that the value of an option is one of, "FILE", or "ANY" for any other text.
std::string ValuesOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t begin = type.find('{');
  if (begin != type.npos) {
    std::string names = type.substr(begin + 1, type.find('}') - begin - 1);
    std::ranges::replace(names, ',', ' ');
    return names;
  }
  const std::vector<std::string>& lnames = option.get_lnames();
  const std::string name = lnames.empty() ? "" : lnames.front();
  if (name.starts_with("backend")) return BackendNames();
  constexpr std::string_view kFiles[] = {"model",  "file",      "export-json", "export-md",
                                         "store",  "openvino",  "suite",       "park-dir",
                                         "report", "vocabulary"};
  return std::ranges::count(kFiles, name) > 0 ? "FILE" : "ANY";
}

std::string Function(std::string_view name, std::string_view of, const std::string& cases) {
  return fmt::format("\n{}() {{\n  case {} in\n{}  esac\n}}\n", name, of, cases);
}

std::string Case(const std::string& pattern, std::string_view names) {
  return names.empty() ? "" : fmt::format("    {}) echo '{}' ;;\n", pattern, names);
}

std::string Values(const CLI::App& command) {
  std::string cases;
  for (const CLI::Option* option : command.get_options()) {
    if (option->get_type_size() == 0 || option->get_group().empty()) continue;
    std::string pattern;
    for (const std::string& name : option->get_snames()) {
      pattern +=
          fmt::format("{}'{} -{}'", pattern.empty() ? "" : " | ", ManPageName(command), name);
    }
    for (const std::string& name : option->get_lnames()) {
      pattern +=
          fmt::format("{}'{} --{}'", pattern.empty() ? "" : " | ", ManPageName(command), name);
    }
    if (!pattern.empty()) cases += Case(pattern, ValuesOf(*option));
  }
  return cases;
}

}  // namespace

std::string BashCompletion(const CLI::App& root) {
  std::string commands, flags, values, arguments;
  for (const CLI::App* command : AllCommands(root)) {
    commands +=
        Case(ManPageName(*command), fmt::format("{}", fmt::join(CommandNames(*command), " ")));
    flags += Case(ManPageName(*command), fmt::format("{}", fmt::join(FlagNames(*command), " ")));
    values += Values(*command);
  }
  arguments = Case("tare-backends-install", BackendNames());
  return "# Bash completion for tare, generated from the definitions of its commands.\n" +
         Function("_tare_commands", "$1", commands) + Function("_tare_flags", "$1", flags) +
         Function("_tare_values", "\"$1 $2\"", values) +
         Function("_tare_arguments", "$1", arguments) + std::string(kEngine);
}

}  // namespace tare
