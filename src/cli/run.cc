#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/say.h"
#include "base/temporaries.h"
#include "cli/commands.h"
#include "os/proc_files.h"
#include "trim/hook_report.h"
#include "trim/lean_report.h"
#include "trim/openvino_hook.h"
#include "trim/openvino_install.h"
#include "trim/run_program.h"

namespace tare {
namespace {

struct RunFlags {
  std::vector<std::string> command;
  std::string openvino;
  std::string park_folder = "/var/tmp";
  bool no_einsum = false;
  bool sdpa = false;
  bool no_sdpa = false;
  bool no_park = false;
  bool huge = false;
  bool no_huge = false;
  bool no_lean = false;
  bool log = false;
  bool exec = false;
  std::string report;
};

// Of a path that was given; the program may go to another folder. One that cannot be told stays.
std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

// An empty file that the hook and lean loading append to. One that nobody named is removed at the
// end; of one that nobody will read there is none.
class ReportFile {
 public:
  static Result<ReportFile> For(const RunFlags& flags) {
    if (!flags.report.empty()) return Named(flags.report);
    if (flags.exec) return ReportFile("", false);
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
    std::string path = (error ? "/tmp" : folder.string()) + "/tare-run-XXXXXX";
    TemporariesChange temporaries;
    const int file = mkostemp(path.data(), O_CLOEXEC);
    if (file < 0) return ErrnoError(errno, path);
    close(file);
    temporaries.Add(path);
    return ReportFile(std::move(path), true);
  }
  ReportFile(ReportFile&& other) noexcept
      : path_(std::move(other.path_)), goes_(std::exchange(other.goes_, false)) {}
  ReportFile& operator=(ReportFile&&) = delete;
  ~ReportFile() {
    if (!goes_) return;
    TemporariesChange temporaries;
    unlink(path_.c_str());
    temporaries.Remove(path_);
  }
  const std::string& path() const { return path_; }

 private:
  ReportFile(std::string path, bool goes) : path_(std::move(path)), goes_(goes) {}

  static Result<ReportFile> Named(const std::string& path) {
    const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (file < 0) return ErrnoError(errno, path);
    close(file);
    return ReportFile(Absolute(path), false);
  }

  std::string path_;
  bool goes_;
};

using Variables = std::map<std::string, std::string>;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// "added:others", others being what a variable holds already.
std::string Before(const std::string& added, const char* name) {
  const std::string others = Environment(name);
  return others.empty() ? added : added + ":" + others;
}

Status AddHook(const RunFlags& flags, const std::string& report, Variables& variables) {
  TARE_ASSIGN_OR_RETURN(const OpenVinoInstall install, FindOpenVino(flags.command, flags.openvino));
  TARE_ASSIGN_OR_RETURN(const std::string hook, HookFor(install));
  variables["LD_PRELOAD"] = Before(hook, "LD_PRELOAD");
  variables["TARE_OPENVINO_REPORT"] = report;
  variables["TARE_OPENVINO_NO_EINSUM"] = flags.no_einsum ? "1" : "";
  variables["TARE_OPENVINO_SDPA"] = flags.sdpa ? "all" : flags.no_sdpa ? "none" : "";
  variables["TARE_OPENVINO_NO_PARK"] = flags.no_park ? "1" : "";
  variables["TARE_OPENVINO_HUGE"] = flags.huge ? "1" : "";
  variables["TARE_OPENVINO_NO_HUGE"] = flags.no_huge ? "1" : "";
  variables["TARE_OPENVINO_PARK_DIR"] = Absolute(flags.park_folder);
  variables["TARE_OPENVINO_LOG"] = flags.log ? "1" : "";
  if (flags.log) {
    Say("tare: OpenVINO {} in {}, hook {}\n", install.version, install.library, hook);
  }
  return {};
}

// Python reads the folder's sitecustomize.py first, which runs the program's own afterwards.
Status AddLeanLoading(const std::string& report, Variables& variables) {
  const std::string folder = Absolute(SourceFolder()) + "/python/tare_lean/site";
  if (access((folder + "/sitecustomize.py").c_str(), R_OK) != 0) {
    return Unsupported(
        "{}: the sources of lean loading are not here; name the folder of Tare's sources with "
        "TARE_SOURCE_DIR, or use --no-lean",
        folder);
  }
  variables["PYTHONPATH"] = Before(folder, "PYTHONPATH");
  variables["TARE_LEAN_REPORT"] = report;
  return {};
}

Result<int> Run(const RunFlags& flags) {
  TARE_ASSIGN_OR_RETURN(const ReportFile report, ReportFile::For(flags));
  const bool hooked = !flags.no_einsum || !flags.no_park;
  Variables variables;
  if (hooked) TARE_RETURN_IF_ERROR(AddHook(flags, report.path(), variables));
  if (!flags.no_lean) TARE_RETURN_IF_ERROR(AddLeanLoading(report.path(), variables));
  if (flags.exec) return BecomeProgram(flags.command, variables);
  TARE_ASSIGN_OR_RETURN(const ProgramEnd end, RunProgram(flags.command, variables));
  TARE_ASSIGN_OR_RETURN(const std::string lines, ReadSmallFile(report.path()));
  Say("{}{}tare: peak RSS {:.0f} MiB\n", LeanReportText(ParseLeanReport(lines)),
      hooked ? HookReportText(ParseHookReport(lines)) : "",
      static_cast<double>(end.peak_rss_bytes) / (1024.0 * 1024.0));
  return end.exit_code;
}

}  // namespace

void AddRunCommand(CLI::App& app, CommandContext& context) {
  auto flags = std::make_shared<RunFlags>();
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
      ->envname("TARE_RUN_REPORT");
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
    const Result<int> exit_code = Run(*flags);
    if (!exit_code.ok()) return context.Fail(exit_code.error());
    context.exit_code = *exit_code;
  });
}

}  // namespace tare
