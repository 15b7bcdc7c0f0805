// A build tool that generates files from the program's definitions: `tare_pages man FOLDER` writes
// the manual pages, `tare_pages bash FILE` the completion script, and `tare_pages families FILE`
// what the Python workers need to know about the families.
#include <CLI/CLI.hpp>
#include <string>
#include <string_view>

#include "base/atomic_file.h"
#include "base/say.h"
#include "cli/bash_completion.h"
#include "cli/commands.h"
#include "cli/man_page.h"
#include "models/families_json.h"

namespace tare {
namespace {

Status Write(const std::string& path, const std::string& text) {
  TARE_ASSIGN_OR_RETURN(AtomicFile file, AtomicFile::Create(path));
  return file.CommitText(text);
}

Status WriteManPages(const CLI::App& command, const std::string& folder) {
  TARE_RETURN_IF_ERROR(Write(folder + "/" + ManPageName(command) + ".1", ManPage(command)));
  for (const CLI::App* one : command.get_subcommands([](const CLI::App*) { return true; })) {
    if (!one->get_group().empty()) TARE_RETURN_IF_ERROR(WriteManPages(*one, folder));
  }
  return {};
}

Status WritePages(std::string_view kind, const std::string& path) {
  CLI::App app(std::string(kAppDescription), "tare");
  CommandContext context;
  AddCommands(app, context);
  if (kind == "man") return WriteManPages(app, path);
  if (kind == "bash") return Write(path, BashCompletion(app));
  if (kind == "families") return Write(path, FamiliesJson());
  return InvalidInput("{}: expected man, bash or families", kind);
}

}  // namespace
}  // namespace tare

int main(int argc, char** argv) {
  if (argc != 3) {
    tare::Say("usage: tare_pages man FOLDER | tare_pages bash|families FILE\n");
    return tare::kExitUsage;
  }
  const tare::Status written = tare::WritePages(argv[1], argv[2]);
  if (written.ok()) return tare::kExitOk;
  tare::Say("tare_pages: {}\n", written.error().message());
  return tare::kExitFailure;
}
