#include <memory>
#include <string>

#include "base/say.h"
#include "cli/commands.h"
#include "trim/contract.h"
#include "trim/run_trimmed.h"

namespace tare {
namespace {

void SayReport(const TrimOptions& options, const TrimmedEnd& end) {
  for (const std::string& unread : end.report.unread) {
    Say("tare: warning: the report of what was done: {}\n", unread);
  }
  Say("{}{}tare: peak RSS {:.0f} MiB\n", LeanReportText(end.report.lean),
      options.hooked() ? HookReportText(end.report.hook) : "",
      static_cast<double>(end.program.peak_rss_bytes) / (1024.0 * 1024.0));
}

}  // namespace

void AddRunCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<TrimOptions>();
  CLI::App* command = app.add_subcommand(
      "run", "Run a program that uses OpenVINO, with its models trimmed as they are compiled");
  command->add_option("command", flags->command, "After --: the program and its arguments")
      ->required();
  command->add_option("--openvino", flags->openvino,
                      "Folder of the OpenVINO that it will load: a wheel's openvino package or an "
                      "install; default: found from the program");
  command->add_flag("--no-einsum", flags->no_einsum,
                    "Leave einsums and all else of models as they are");
  CLI::Option* no_sdpa = command->add_flag("--no-sdpa", flags->no_sdpa,
                                           "Fuse no attention to ScaledDotProductAttention");
  command
      ->add_flag(
          "--sdpa", flags->sdpa,
          "Fuse all attention that can be; default: on the CPU, where it takes less time and no "
          "more memory")
      ->excludes(no_sdpa);
  command->add_flag("--no-park", flags->no_park, "Leave constants in the heap");
  CLI::Option* huge =
      command->add_flag("--huge", flags->huge,
                        "Put the weights that the plugin packs in huge pages even where these come "
                        "slowly, for a program that goes on for long");
  command
      ->add_flag("--no-huge", flags->no_huge,
                 "Ask for no huge pages; with --no-park none are asked for anyway")
      ->excludes(huge);
  command->add_flag("--no-lean", flags->no_lean,
                    "Let Keras load weights and read values as it does");
  command->add_option("--park-dir", flags->park_folder,
                      "Folder on a disk for parked constants; default: /var/tmp");
  command->add_flag("--exec", flags->exec,
                    "Become the program rather than wait for its end: nothing is said at the end");
  command
      ->add_option("--report", flags->report,
                   "Keep in this file what was done, a line an event, as it is done")
      ->envname(kRunReportVariable);
  command->add_flag("--log", flags->log, "Say on stderr what is done when it is done");
  command->footer(
      "A hook is built for that very OpenVINO on first use (needs g++) and preloaded into the\n"
      "program. At the end a table on stderr says what was rewritten. The exit status is the\n"
      "program's; 128 and a signal's number if one ended it.\n"
      "With --no-einsum and --no-park nothing is preloaded and no OpenVINO need be there: Keras "
      "on\n"
      "another backend then still loads its weights from the mapped file.\n"
      "With --exec the process, its descriptors and its cgroup are the program's.\n"
      "Example:\n"
      "  KERAS_BACKEND=openvino tare run -- python generate.py");
  command->callback([flags, &context] {
    const Result<TrimmedEnd> end = RunTrimmed(*flags);
    if (!end.ok()) return context.Fail(end.error());
    SayReport(*flags, *end);
    context.exit_code = end->program.exit_code;
  });
}

}  // namespace tare
