#include "bench/report.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "bench/report_json.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/session_source.h"

namespace tare {
namespace {

constexpr uint64_t kListed = 50;

struct ReportFlags {
  std::string session = "last";
  std::string store;
  bool list = false;
  std::string format = "table";
};

std::string Render(const std::vector<ReportBlock>& blocks, const std::string& format) {
  return format == "md" ? RenderMarkdown(blocks) : RenderText(blocks);
}

Status List(const ReportFlags& flags) {
  TARE_ASSIGN_OR_RETURN(ResultStore store, OpenStore(flags.store));
  TARE_ASSIGN_OR_RETURN(const std::vector<SessionEntry> entries, store.List(kListed));
  ReportTable table{{"session", "started", "state", "runs", "command"}, {}};
  for (const SessionEntry& entry : entries) {
    table.rows.push_back({std::to_string(entry.id), entry.started_at, entry.state,
                          std::to_string(entry.runs), entry.command});
  }
  return WriteStdout(Render({table}, flags.format));
}

Status Report(const ReportFlags& flags) {
  if (flags.list && flags.format == "json") {
    return InvalidInput("--list has no JSON; sqlite3 reads the store itself (docs/history.md)");
  }
  if (flags.list) return List(flags);
  TARE_ASSIGN_OR_RETURN(const Document document, LoadSession(flags.session, flags.store));
  if (flags.format == "json") return WriteStdout(RenderJson(document));
  return WriteStdout(Render(BuildReport(document), flags.format));
}

}  // namespace

void AddReportCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("report", "Show what a session of tare bench measured");
  auto flags = std::make_shared<ReportFlags>();
  command
      ->add_option("session", flags->session,
                   "Session: number, last, last~N, or a file that --export-json wrote")
      ->capture_default_str();
  command->add_option("--store", flags->store,
                      "Database of results [${XDG_STATE_HOME:-~/.local/state}/tare/results.db]");
  command->add_flag("--list", flags->list, "List the sessions there are, the latest first");
  command->add_option("-o,--output", flags->format, "What stdout gets: table, json or md")
      ->check(CLI::IsMember({"table", "json", "md"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  tare report\n"
      "  tare report --list\n"
      "  tare report 12 -o md > report.md");
  command->callback([flags, &context] {
    const Status status = Report(*flags);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
