#include "native_worker/worker.h"

#include <memory>
#include <string>

#include "cli/commands.h"
#include "cli/number_range.h"
#include "cli/usage.h"

namespace tare {
namespace {

constexpr size_t kMaxDescriptor = size_t{1} << 20;  // Linux's own limit (fs.nr_open)

struct WorkerFlags {
  WorkerOptions options;
  bool openvino = false;
  bool llama_cpp = false;
  std::string precision;  // f32 is the only one
};

}  // namespace

void AddWorkerCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<WorkerFlags>();
  CLI::App* command =
      app.add_subcommand("worker", "Speak the worker protocol (docs/worker_protocol.md)");
  command->group("");  // hidden from the help: only bench starts it
  command->add_option("--fd-in", flags->options.fd_in, "Descriptor to read messages from")
      ->check(WholeNumber(0, kMaxDescriptor));
  command->add_option("--fd-out", flags->options.fd_out, "Descriptor to write messages to")
      ->check(WholeNumber(0, kMaxDescriptor));
  CLI::Option* openvino =
      command->add_flag("--openvino", flags->openvino, "Run models with OpenVINO");
  command->add_flag("--llama-cpp", flags->llama_cpp, "Run models with llama.cpp")
      ->excludes(openvino);
  command
      ->add_option("--precision", flags->precision, "Weight precision to run at, with --openvino")
      ->check(OneOf({"f32"}));
  command->add_flag("--describe", flags->options.describe,
                    "Send the hello with the model's facts, then exit");
  command->add_option("-m,--model", flags->options.model, "Model to describe");
  command
      ->add_option("--prompt", flags->options.prompts,
                   "Text to report the token ids of; may be repeated")
      ->allow_extra_args(false);
  command->add_option("--tokens", flags->options.tokens, "Report a prompt of this many tokens too")
      ->check(WholeNumber(0, kMaxPromptTokens));
  command->callback([flags, &context] {
    WorkerOptions options = flags->options;
    options.tare_version = TARE_VERSION;
    if (flags->openvino) options.engine = WorkerEngine::kOpenVino;
    if (flags->llama_cpp) options.engine = WorkerEngine::kLlamaCpp;
    const Status status = RunNativeWorker(options);
    if (!status.ok()) context.Fail(status.error());
  });
}

}  // namespace tare
