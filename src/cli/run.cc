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
    Say("tare: warning: part of the summary is missing: {}\n", unread);
  }
  Say("{}{}tare: peak RSS {:.0f} MiB\n", LeanReportText(end.report.lean),
      options.hooked() ? HookReportText(end.report.hook) : "",
      static_cast<double>(end.program.peak_rss_bytes) / (1024.0 * 1024.0));
}

}  // namespace

void AddRunCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<TrimOptions>();
  CLI::App* command =
      app.add_subcommand("run", "Run an OpenVINO or Keras program with less memory");
  command->add_option("command", flags->command, "Program and its arguments, after --")->required();
  command->add_option("--openvino", flags->openvino,
                      "Folder of the OpenVINO that the program loads: a wheel's openvino\n"
                      "package or the root of an install; default: the one the program finds");
  command->add_flag("--no-einsum", flags->no_einsum,
                    "Do not rewrite einsums or change models in any other way");
  CLI::Option* no_sdpa = command->add_flag("--no-sdpa", flags->no_sdpa,
                                           "Fuse no attention block to ScaledDotProductAttention");
  command
      ->add_flag("--sdpa", flags->sdpa,
                 "Fuse every attention block that can be fused; default: on the CPU\n"
                 "only, and if that takes less time and no more memory")
      ->excludes(no_sdpa);
  command->add_flag("--no-park", flags->no_park,
                    "Leave constants in the heap; do not move them to disk");
  CLI::Option* huge =
      command->add_flag("--huge", flags->huge,
                        "Put packed weights in huge pages even if the kernel is slow to give\n"
                        "them; for long-running programs");
  command->add_flag("--no-huge", flags->no_huge, "Use no huge pages (--no-park implies this)")
      ->excludes(huge);
  command->add_flag("--no-lean", flags->no_lean,
                    "Let Keras load weights and read values its own way");
  command->add_option("--park-dir", flags->park_folder,
                      "Folder for constants that are moved to disk; must be on a disk, not\n"
                      "in memory (tmpfs); default: /var/tmp");
  command->add_flag("--exec", flags->exec,
                    "Replace this process with the program (exec); prints no summary");
  command->add_option("--report", flags->report, "Append one line per event to this file")
      ->envname(kRunReportVariable);
  command->add_flag("--log", flags->log, "Print each step on stderr as it happens");
  command->footer(
      "tare run preloads a hook into the program. The hook rewrites each model that OpenVINO\n"
      "compiles, moves its constants to disk and gives freed memory back. Keras uses its\n"
      "weights from the mapped file instead of copying them. At the end a summary on stderr\n"
      "says what was done.\n"
      "\n"
      "The first run with an OpenVINO version builds the hook for it (needs g++, takes half a\n"
      "minute). With --no-einsum and --no-park together there is no hook, so OpenVINO is not\n"
      "needed: use these for Keras on another backend.\n"
      "\n"
      "The exit status is the program's, or 128 + the signal's number if a signal ended it.\n"
      "Examples:\n"
      "  KERAS_BACKEND=openvino tare run -- python generate.py\n"
      "  KERAS_BACKEND=torch tare run --no-einsum --no-park -- python generate.py\n"
      "  tare run --report events.tsv -- ./my_openvino_program model.xml");
  command->callback([flags, &context] {
    const Result<TrimmedEnd> end = RunTrimmed(*flags);
    if (!end.ok()) return context.Fail(end.error());
    SayReport(*flags, *end);
    context.exit_code = end->program.exit_code;
  });
}

}  // namespace tare
