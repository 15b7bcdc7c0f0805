#include "tools/inspect.h"

#include <cerrno>
#include <cstdio>
#include <memory>
#include <string>

#include "base/error.h"
#include "cli/commands.h"

namespace tare {
namespace {

struct InspectOptions {
  std::string model;
  bool tensors = false;
  bool json = false;
};

Status RunInspect(const InspectOptions& options) {
  TARE_ASSIGN_OR_RETURN(const Inspection inspection, InspectModel(options.model));
  const std::string output = options.json ? InspectionToJson(inspection, options.tensors)
                                          : InspectionToText(inspection, options.tensors);
  if (std::fwrite(output.data(), 1, output.size(), stdout) != output.size() ||
      std::fflush(stdout) != 0) {
    return ErrnoError(errno, "stdout");
  }
  return {};
}

}  // namespace

void AddInspectCommand(CLI::App& app, CommandContext& context) {
  auto options = std::make_shared<InspectOptions>();
  CLI::App* command =
      app.add_subcommand("inspect", "Show what a model file holds: shapes, precisions, bytes");
  command->add_option("-m,--model,model", options->model, "Model file (GGUF)")->required();
  command->add_flag("--tensors", options->tensors,
                    "List every tensor: name, type, shape, offset, bytes");
  command->add_flag("--json", options->json, "Write JSON instead of text");
  command->footer(
      "Examples:\n"
      "  tare inspect -m model.gguf\n"
      "  tare inspect -m model.gguf --tensors --json");
  command->callback([options, &context] {
    const Status status = RunInspect(*options);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
