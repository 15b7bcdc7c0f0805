#include "bench/report/report.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "bench/report/cells.h"
#include "bench/report/figures.h"
#include "bench/report/render.h"
#include "bench/report/report_json.h"
#include "bench/report/study/study_report.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/report_output.h"
#include "cli/session_source.h"
#include "cli/usage.h"

namespace tare {
namespace {

constexpr uint64_t kListed = 50;

struct ReportFlags {
  std::string session = "last";
  std::string store;
  bool list = false;
  bool tables = false;
  std::string against;
  bool same_tokens = false;
  bool wide = false;
  std::string format = "table";
};

Status List(const ReportFlags& flags) {
  TARE_ASSIGN_OR_RETURN(ResultStore store, OpenStore(flags.store));
  TARE_ASSIGN_OR_RETURN(const std::vector<SessionEntry> entries, store.List(kListed));
  ReportTable table{{"session", "started", "state", "runs", "command"}, {}};
  for (const SessionEntry& entry : entries) {
    table.rows.push_back(
        {CountCell(entry.id), entry.started_at, entry.state, CountCell(entry.runs), entry.command});
  }
  return WriteStdout(RenderForStdout({{std::move(table)}}, flags.format, flags.wide));
}

// Sessions of the store whose backends ran under limits. A file needs no store.
Result<std::vector<Document>> OtherSessions(const ReportFlags& flags) {
  Result<ResultStore> store = OpenStore(flags.store);
  if (store.ok()) return store->LimitedRuns();
  if (flags.store.empty()) return std::vector<Document>();
  return store.error();
}

Status Report(const ReportFlags& flags) {
  if (flags.list && (flags.format == "json" || flags.format == "csv")) {
    return InvalidInput("--list has no {}; sqlite3 reads the store itself (docs/history.md)",
                        flags.format);
  }
  if (flags.list) return List(flags);
  TARE_ASSIGN_OR_RETURN(const Document document, LoadSession(flags.session, flags.store));
  if (flags.format == "csv") return WriteStdout(RenderCsv(BuildFigures(document)));
  if (flags.tables) {
    if (flags.format == "json") return WriteStdout(RenderJson(document));
    return WriteStdout(
        RenderForStdout(BuildReport(document, {flags.same_tokens}), flags.format, flags.wide));
  }
  TARE_ASSIGN_OR_RETURN(const std::vector<Document> others, OtherSessions(flags));
  const ReportDocument report =
      BuildStudyReport(document, {!flags.against.empty(), {flags.same_tokens, others}});
  return WriteStdout(RenderForStdout(report, flags.format, flags.wide));
}

}  // namespace

void AddReportCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command = app.add_subcommand("report", "Report what a session of tare bench measured");
  auto flags = std::make_shared<ReportFlags>();
  command
      ->add_option("session", flags->session,
                   "Session: number, last, last~N, or a file that --export-json wrote")
      ->capture_default_str();
  command->add_option("--store", flags->store,
                      "Database of results [${XDG_STATE_HOME:-~/.local/state}/tare/results.db]");
  command->add_flag("--list", flags->list, "List the stored sessions, the latest first");
  command->add_flag("--tables", flags->tables,
                    "The report that tare bench prints; with -o json, the whole session");
  command
      ->add_option(
          "--against", flags->against,
          "study: add the published figures of the Keras study (GSoC 2025), and where they "
          "mislead")
      ->check(OneOf({"study"}));
  command->add_flag("--same-tokens", flags->same_tokens,
                    "Do not rank backends whose tokens differ from native's");
  command->add_flag("--wide", flags->wide, kWideHelp);
  command
      ->add_option(
          "-o,--output", flags->format,
          "Format on stdout: table, md, json, or csv: the figures alone, one line a backend "
          "with medians and intervals, no rankings")
      ->check(OneOf({"table", "md", "csv", "json"}))
      ->capture_default_str();
  command->footer(
      "Examples:\n"
      "  tare report\n"
      "  tare report --list\n"
      "  tare report 12 -o md > report.md\n"
      "  tare report --against study\n"
      "docs/report.md describes the report, which has the sections of the Keras study of GSoC "
      "2025.");
  command->callback([flags, &context] {
    const Status status = Report(*flags);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
