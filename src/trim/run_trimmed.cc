#include "trim/run_trimmed.h"

#include <unistd.h>

#include <filesystem>
#include <map>
#include <system_error>

#include "base/environment.h"
#include "base/say.h"
#include "os/small_file.h"
#include "trim/contract.h"
#include "trim/hook_sources.h"
#include "trim/openvino_hook.h"
#include "trim/openvino_install.h"
#include "trim/report_file.h"

namespace tare {
namespace {

using Variables = std::map<std::string, std::string>;

// The program may change its folder. A path that cannot be made absolute stays as it is.
std::string Absolute(const std::string& path) {
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

// "added:others", where others is the current value of the variable.
std::string Before(const std::string& added, const char* name) {
  const std::string others = EnvironmentVariable(name);
  return others.empty() ? added : added + ":" + others;
}

Result<ReportFile> ReportFor(const TrimOptions& options) {
  if (!options.report.empty()) return ReportFile::Named(options.report);
  if (options.exec) return ReportFile::None();
  return ReportFile::Temporary();
}

Status AddHook(const TrimOptions& options, const std::string& report, Variables& variables) {
  TARE_ASSIGN_OR_RETURN(const OpenVinoInstall install,
                        FindOpenVino(options.command, options.openvino));
  TARE_ASSIGN_OR_RETURN(const std::string hook, HookFor(install));
  variables["LD_PRELOAD"] = Before(hook, "LD_PRELOAD");
  variables[kHookReportVariable] = report;
  variables[kNoEinsumVariable] = options.no_einsum ? "1" : "";
  variables[kSdpaVariable] = options.sdpa ? kSdpaAll : options.no_sdpa ? kSdpaNone : "";
  variables[kNoParkVariable] = options.no_park ? "1" : "";
  variables[kHugeVariable] = options.huge ? "1" : "";
  variables[kNoHugeVariable] = options.no_huge ? "1" : "";
  variables[kParkFolderVariable] = Absolute(options.park_folder);
  variables[kLogVariable] = options.log ? "1" : "";
  if (options.log) {
    Say("tare: OpenVINO {} in {}, hook {}\n", install.version, install.library, hook);
  }
  return {};
}

// Python runs this folder's sitecustomize.py first, which then runs the program's own.
Status AddLeanLoading(const std::string& report, Variables& variables) {
  const std::string folder = Absolute(SourceFolder()) + "/python/tare_lean/site";
  if (access((folder + "/sitecustomize.py").c_str(), R_OK) != 0) {
    return Unsupported(
        "{}: has no lean loading; set {} to the folder of Tare's sources, or use --no-lean", folder,
        kSourceVariable);
  }
  variables["PYTHONPATH"] = Before(folder, "PYTHONPATH");
  variables[kLeanReportVariable] = report;
  return {};
}

}  // namespace

Result<TrimmedEnd> RunTrimmed(const TrimOptions& options) {
  TARE_ASSIGN_OR_RETURN(const ReportFile report, ReportFor(options));
  Variables variables;
  if (options.hooked()) TARE_RETURN_IF_ERROR(AddHook(options, report.path(), variables));
  if (!options.no_lean) TARE_RETURN_IF_ERROR(AddLeanLoading(report.path(), variables));
  if (options.exec) return BecomeProgram(options.command, variables);
  TrimmedEnd end;
  TARE_ASSIGN_OR_RETURN(end.program, RunProgram(options.command, variables));
  TARE_ASSIGN_OR_RETURN(const std::string lines, ReadSmallFile(report.path()));
  end.report = ParseTrimReport(lines);
  TARE_RETURN_IF_ERROR(CheckTrimReport(end.report));
  return end;
}

}  // namespace tare
