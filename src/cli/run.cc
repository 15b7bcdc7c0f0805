#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "bench/proc_files.h"
#include "cli/commands.h"
#include "cli/hook_report.h"
#include "cli/openvino_hook.h"
#include "cli/openvino_install.h"
#include "cli/run_program.h"

namespace tare {
namespace {

struct RunFlags {
  std::vector<std::string> command;
  std::string openvino;
  std::string park_folder = "/var/tmp";
  bool no_einsum = false;
  bool no_park = false;
  bool log = false;
};

// An empty file that the hook appends to; removed at the end.
class ReportFile {
 public:
  static Result<ReportFile> Create() {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
    std::string path = (error ? "/tmp" : folder.string()) + "/tare-run-XXXXXX";
    const int file = mkostemp(path.data(), O_CLOEXEC);
    if (file < 0) return ErrnoError(errno, path);
    close(file);
    return ReportFile(std::move(path));
  }
  ReportFile(ReportFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ReportFile& operator=(ReportFile&&) = delete;
  ~ReportFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  explicit ReportFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<int> Run(const RunFlags& flags) {
  TARE_ASSIGN_OR_RETURN(const OpenVinoInstall install, FindOpenVino(flags.command, flags.openvino));
  TARE_ASSIGN_OR_RETURN(const std::string hook, HookFor(install));
  TARE_ASSIGN_OR_RETURN(const ReportFile report, ReportFile::Create());
  const char* others = std::getenv("LD_PRELOAD");
  std::map<std::string, std::string> environment = {
      {"LD_PRELOAD", others == nullptr || *others == '\0' ? hook : hook + ":" + others},
      {"TARE_OPENVINO_REPORT", report.path()},
      {"TARE_OPENVINO_NO_EINSUM", flags.no_einsum ? "1" : ""},
      {"TARE_OPENVINO_NO_PARK", flags.no_park ? "1" : ""},
      {"TARE_OPENVINO_PARK_DIR", flags.park_folder},
      {"TARE_OPENVINO_LOG", flags.log ? "1" : ""},
  };
  if (flags.log) {
    fmt::print(stderr, "tare: OpenVINO {} in {}, hook {}\n", install.version, install.library,
               hook);
  }
  TARE_ASSIGN_OR_RETURN(const ProgramEnd end, RunProgram(flags.command, environment));
  TARE_ASSIGN_OR_RETURN(const std::string lines, ReadSmallFile(report.path()));
  fmt::print(stderr, "{}tare: peak RSS {:.0f} MiB\n", HookReportText(ParseHookReport(lines)),
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
  command->add_flag("--no-einsum", flags->no_einsum, "Leave einsums as they are");
  command->add_flag("--no-park", flags->no_park, "Leave constants in the heap");
  command->add_option("--park-dir", flags->park_folder,
                      "Folder on a disk for parked constants; default: /var/tmp");
  command->add_flag("--log", flags->log, "Say on stderr what is done when it is done");
  command->footer(
      "A hook is built for that very OpenVINO on first use (needs g++) and preloaded into the\n"
      "program. At the end a table on stderr says what was rewritten. The exit status is the\n"
      "program's; 128 and a signal's number if one ended it.\n"
      "Example:\n"
      "  KERAS_BACKEND=openvino tare run -- python generate.py");
  command->callback([flags, &context] {
    const Result<int> exit_code = Run(*flags);
    if (!exit_code.ok()) return context.Fail(exit_code.error());
    context.exit_code = *exit_code;
  });
}

}  // namespace tare
