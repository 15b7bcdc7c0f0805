#include "bench/rows/backends.h"

#include <fmt/format.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/say.h"
#include "bench/report/report_document.h"
#include "bench/results/scenario.h"
#include "bench/rows/backend_install.h"
#include "bench/rows/contender.h"
#include "bench/rows/doctor.h"
#include "cli/commands.h"
#include "cli/output.h"
#include "cli/report_output.h"
#include "os/run_command.h"

namespace tare {
namespace {

constexpr uint64_t kVersionsTimeoutNs = uint64_t{30} * 1'000'000'000;

// "openvino-genai 2026.4.1.0, openvino 2026.4.1", asked of the backend's own interpreter.
std::string VersionsOf(const Backend& backend, InterruptWatch& interrupt) {
  if (backend.requirements.empty() || !CanRun(StateOf(backend))) return "";
  const std::string python = InterpreterOf(backend);
  Command command{python, {python, WorkersFolder() + "/tare_worker.py", "--versions"}, {}};
  for (const std::string_view package : backend.packages) {
    if (!package.empty()) command.argv.emplace_back(package);
  }
  const Result<std::string> versions = CaptureCommand(command, kVersionsTimeoutNs, interrupt);
  if (!versions.ok()) return "unknown";
  return versions->substr(0, versions->find('\n'));
}

std::string PrecisionsOf(const Backend& backend) {
  const Contender contender = ContenderOf(backend);
  std::string text;
  for (const std::string_view precision : kPrecisions) {
    if (!contender.TakesPrecision(precision)) continue;
    text += fmt::format("{}{}", text.empty() ? "" : " ", precision);
  }
  return text;
}

Status List(bool wide) {
  TARE_ASSIGN_OR_RETURN(InterruptWatch interrupt, InterruptWatch::Start());
  ReportTable table{
      {"backend", "state", "device", WideOnly("precisions"), WideOnly("versions"), "description"},
      {}};
  for (const Backend& backend : AllBackends()) {
    // Asked only for who sees them: each takes the start of an interpreter.
    const std::string versions = wide ? VersionsOf(backend, interrupt) : "";
    table.rows.push_back({std::string(backend.name),
                          std::string(BackendStateName(StateOf(backend))),
                          std::string(backend.device), PrecisionsOf(backend), versions,
                          std::string(backend.summary)});
  }
  return WriteStdout(RenderForStdout({{std::move(table)}}, "table", wide));
}

Status Install(const std::string& name) {
  TARE_ASSIGN_OR_RETURN(const Backend* backend, FindBackend(name));
  TARE_ASSIGN_OR_RETURN(InterruptWatch interrupt, InterruptWatch::Start());
  if (backend->needs_compiler) {
    Say("tare: installing {} compiles it, which takes minutes\n", name);
  }
  TARE_ASSIGN_OR_RETURN(const bool done,
                        InstallBackend(*backend, interrupt, [](auto text) { Say("{}", text); }));
  return WriteStdout(fmt::format("{} {} in {}\n", name, done ? "installed" : "is already installed",
                                 BackendFolder(*backend)));
}

// Returns how many checks are bad.
Result<int> Doctor() {
  TARE_ASSIGN_OR_RETURN(InterruptWatch interrupt, InterruptWatch::Start());
  int bad = 0;
  for (const DoctorCheck& check : Diagnose(interrupt)) {
    const bool is_bad = check.grade == DoctorCheck::Grade::kBad;
    bad += is_bad ? 1 : 0;
    TARE_RETURN_IF_ERROR(WriteStdout(fmt::format(
        "{:<5}{:<28} {}\n{}",
        is_bad ? "BAD" : (check.grade == DoctorCheck::Grade::kGood ? "good" : "hint"), check.what,
        check.found, check.advice.empty() ? "" : fmt::format("     → {}\n", check.advice))));
  }
  return bad;
}

void Report(CommandContext& context, const Status& status) {
  if (!status.ok()) context.Fail(status.error());
}

}  // namespace

void AddBackendsCommand(CLI::App& app, CommandContext& context) {
  CLI::App* command =
      app.add_subcommand("backends", "List, install and check the backends of tare bench");
  command->require_subcommand(1);
  command->footer(
      "Examples:\n"
      "  tare backends list\n"
      "  tare backends install openvino-genai\n"
      "  tare backends doctor\n"
      "Environments live in ${TARE_HOME:-${XDG_DATA_HOME:-~/.local/share}/tare}/backends.\n"
      "TARE_BACKEND_<NAME>_PYTHON names an interpreter to use instead, e.g.\n"
      "TARE_BACKEND_LLAMA_CPP_PYTHON=/opt/llama.cpp/bin/python.");

  CLI::App* list =
      command->add_subcommand("list", "Show every backend and whether it is installed");
  auto wide = std::make_shared<bool>();
  list->add_flag("--wide", *wide, "Also show precisions, and the versions of installed packages");
  list->callback([&context, wide] { Report(context, List(*wide)); });

  CLI::App* install = command->add_subcommand(
      "install", "Make a virtual environment with a backend's pinned packages");
  auto name = std::make_shared<std::string>();
  install->add_option("name", *name, "The backend, as tare backends list shows it")->required();
  install->callback([&context, name] { Report(context, Install(*name)); });

  command->add_subcommand("doctor", "Check what measuring and installing need, with advice")
      ->callback([&context] {
        const Result<int> bad = Doctor();
        if (!bad.ok()) return context.Fail(bad.error());
        if (*bad > 0) context.exit_code = kExitFailure;
      });
}

}  // namespace tare
