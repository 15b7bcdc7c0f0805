#include "trim/openvino_hook.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/atomic_folder.h"
#include "base/find_program.h"
#include "base/say.h"
#include "base/user_folders.h"
#include "os/file_identity.h"
#include "os/run_command.h"
#include "trim/contract.h"
#include "trim/hook_sources.h"

namespace tare {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kBuildTimeoutNs = uint64_t{1800} * 1'000'000'000;
// Absolute: the program may change its folder before it starts others.
Result<std::string> CacheRoot() {
  const Result<std::string> folder = UserCacheFolder();
  if (!folder.ok()) return folder.error().In("no folder for the hook");
  std::error_code error;
  const std::string cache = fs::absolute(*folder, error);
  if (error) return ErrnoError(error.value(), *folder);
  if (cache.find_first_of(": ") != cache.npos) {
    return InvalidInput(
        "{}: the hook cannot be preloaded from this folder: LD_PRELOAD is split at spaces and "
        "colons; set XDG_CACHE_HOME to a folder whose path has neither",
        cache);
  }
  return cache + "/tare/openvino";
}

Result<std::string> Compiler() {
  const std::string compiler = FindProgram("g++");
  if (!compiler.empty()) return compiler;
  return Unsupported("g++ is not in PATH; the hook is built once for each OpenVINO; install g++");
}

Command CompileCommand(const std::string& compiler, const OpenVinoInstall& install,
                       const std::string& root) {
  Command command{compiler, {compiler, "-std=c++20", "-O1", "-fPIC", "-shared"}, {}};
  command.argv.insert(
      command.argv.end(),
      {fmt::format("-D_GLIBCXX_USE_CXX11_ABI={}", install.new_string_abi ? 1 : 0),
       "-DFMT_HEADER_ONLY", fmt::format("-I{}/src", root), fmt::format("-I{}/include", root),
       "-isystem", install.include, "-Wl,--as-needed"});
  return command;
}

// All as one, in the list's order: most of the time goes into OpenVINO's headers, read once.
Status AddSources(std::string_view list, const std::string& root, Command& command) {
  TARE_ASSIGN_OR_RETURN(const std::vector<std::string> sources, SourcesIn(list, root));
  for (const std::string& source : sources) {
    command.argv.insert(command.argv.end(), {"-include", source});
  }
  command.argv.insert(command.argv.end(), {"-xc++", "/dev/null", "-xnone"});
  return {};
}

Status Compile(Command command, const std::string& output) {
  command.argv.insert(command.argv.end(), {"-o", output});
  TARE_ASSIGN_OR_RETURN(InterruptWatch interrupt, InterruptWatch::Start());
  const Status status = RunCommand(command, kBuildTimeoutNs, interrupt, {});
  if (status.ok()) return {};
  return status.error().In(fmt::format("building {}", fs::path(output).filename().string()));
}

Result<AtomicFolder> NewFolder(const std::string& folder) {
  std::error_code error;
  fs::create_directories(fs::path(folder).parent_path(), error);
  if (error) {
    return ErrnoError(error.value(), folder)
        .In("no folder for the hook (try another with XDG_CACHE_HOME)");
  }
  return AtomicFolder::Create(folder, OldFolder::kReplace, kHookLibraryName);
}

Status Build(const OpenVinoInstall& install, const std::string& root, const std::string& folder) {
  TARE_ASSIGN_OR_RETURN(const std::string compiler, Compiler());
  TARE_ASSIGN_OR_RETURN(AtomicFolder made, NewFolder(folder));
  Say("tare: building the hook for OpenVINO {} (once, about half a minute)\n", install.version);
  Command hook = CompileCommand(compiler, install, root);
  // Without exceptions it needs no libstdc++; the program may load another one.
  hook.argv.push_back("-fno-exceptions");
  TARE_RETURN_IF_ERROR(AddSources(kHookSources, root, hook));
  TARE_RETURN_IF_ERROR(Compile(hook, fmt::format("{}/{}", made.temporary(), kHookLibraryName)));
  Command pass = CompileCommand(compiler, install, root);
  TARE_RETURN_IF_ERROR(AddSources(kPassSources, root, pass));
  pass.argv.insert(
      pass.argv.end(),
      {install.library, "-Wl,-rpath," + fs::path(install.library).parent_path().string(),
       "-Wl,--no-undefined"});
  TARE_RETURN_IF_ERROR(Compile(pass, fmt::format("{}/{}", made.temporary(), kPassLibraryName)));
  return made.Commit();
}

}  // namespace

Result<std::string> HookFor(const OpenVinoInstall& install) {
  const std::string root = SourceFolder();
  TARE_ASSIGN_OR_RETURN(const uint64_t sources, HashOfHookSources(root));
  TARE_ASSIGN_OR_RETURN(const std::string cache, CacheRoot());
  const uint64_t place = Fnv1a64(install.library, sources);
  const std::string folder = fmt::format("{}/{}-abi{}-{:016x}", cache, install.version,
                                         install.new_string_abi ? 1 : 0, place);
  const std::string hook = fmt::format("{}/{}", folder, kHookLibraryName);
  if (access(hook.c_str(), R_OK) != 0) TARE_RETURN_IF_ERROR(Build(install, root, folder));
  return hook;
}

}  // namespace tare
