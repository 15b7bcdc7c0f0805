#include "tools/inspect/inspect.h"

#include <memory>
#include <string>

#include "base/error.h"
#include "cli/commands.h"
#include "cli/graph_report.h"
#include "cli/model_argument.h"
#include "cli/output.h"
#include "cli/report_output.h"

namespace tare {
namespace {

struct InspectOptions {
  std::string model;
  bool tensors = false;
  bool json = false;
  bool graph = false;
  bool wide = false;
  std::string passes;
};

Status RunInspect(const InspectOptions& options) {
  TARE_RETURN_IF_ERROR(CheckModelName(options.model));
  if (options.graph) {
    TARE_ASSIGN_OR_RETURN(const std::string report, GraphReport(options.model, options.passes));
    return WriteStdout(report);
  }
  TARE_ASSIGN_OR_RETURN(const Inspection inspection, InspectModel(options.model));
  if (options.json) return WriteStdout(InspectionToJson(inspection, options.tensors));
  return WriteStdout(
      InspectionToText(inspection, options.tensors, {StdoutColumns(), options.wide}));
}

}  // namespace

void AddInspectCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command =
      app.add_subcommand("inspect", "Show what a model file holds: sizes, precisions, tensors");
  command->add_option("-m,--model,model", options->model, kModelHelp)->required();
  command->add_flag("--tensors", options->tensors,
                    "List every tensor: name, type, shape, offset, bytes");
  command->add_flag("--wide", options->wide, kWideHelp);
  CLI::Option* json = command->add_flag("--json", options->json, "Write JSON instead of text");
  CLI::Option* graph =
      command
          ->add_flag("--graph", options->graph,
                     "Show the graph before and after passes, with the bytes of its constants")
          ->excludes(json);
  command
      ->add_option("--passes", options->passes,
                   "Passes for --graph: \"none\", \"no-NAME,…\" or \"NAME,…\"; default: all")
      ->needs(graph);
  command->footer(
      "Examples:\n"
      "  tare inspect -m model.gguf\n"
      "  tare inspect -m model.gguf --tensors --json\n"
      "  tare inspect -m model.gguf --graph --passes no-fuse_tails");
  command->callback([options, &context] {
    const Status status = RunInspect(*options);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
