#include "cli/openvino_hook.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <vector>

#include "base/atomic_folder.h"
#include "base/say.h"
#include "bench/file_identity.h"
#include "bench/proc_files.h"
#include "bench/run_command.h"

namespace tare {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kBuildTimeoutNs = uint64_t{1800} * 1'000'000'000;
constexpr std::string_view kHookLibrary = "libtare_openvino_hook.so";
constexpr std::string_view kPassLibrary = "libtare_openvino_pass.so";
constexpr std::array<std::string_view, 3> kHookSources = {
    "base/c_library_malloc.cc",
    "base/huge_allocations.cc",
    "openvino/compile_hook.cc",
};
constexpr std::array<std::string_view, 29> kPassSources = {
    "base/c_library_malloc.cc",
    "base/check.cc",
    "base/error.cc",
    "base/heap_slack.cc",
    "base/page_dropper.cc",
    "einsum/axis_groups.cc",
    "einsum/equation.cc",
    "einsum/matmul_form.cc",
    "openvino/attention_fusion.cc",
    "openvino/attention_gain.cc",
    "openvino/attention_pattern.cc",
    "openvino/axis_reshape.cc",
    "openvino/axis_symbols.cc",
    "openvino/constant_parking.cc",
    "openvino/einsum_rewrite.cc",
    "openvino/einsum_to_matmul.cc",
    "openvino/file_view.cc",
    "openvino/huge_pages.cc",
    "openvino/late_numbers.cc",
    "openvino/memory_map.cc",
    "openvino/packing.cc",
    "openvino/pass_calls.cc",
    "openvino/read_calls.cc",
    "openvino/run_report.cc",
    "openvino/scaled_query.cc",
    "openvino/transposed_constant.cc",
    "openvino/weight_parking.cc",
    "openvino/worth_preparing.cc",
    "openvino/written_row.cc",
};

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string SourceFolder() {
  const std::string folder = Environment("TARE_SOURCE_DIR");
  return folder.empty() ? TARE_SOURCE_DIR : folder;
}

// Absolute: the program may go to another folder before it starts others.
Result<std::string> CacheRoot() {
  std::string cache = Environment("XDG_CACHE_HOME");
  if (cache.empty()) {
    const std::string home = Environment("HOME");
    if (home.empty()) {
      return InvalidInput(
          "neither XDG_CACHE_HOME nor HOME is set: no place to keep the hook; set XDG_CACHE_HOME "
          "to a folder that can be written");
    }
    cache = home + "/.cache";
  }
  std::error_code error;
  cache = fs::absolute(cache, error);
  if (error) return ErrnoError(error.value(), cache);
  if (cache.find_first_of(": ") != cache.npos) {
    return InvalidInput(
        "{}: the hook cannot be kept here: the linker splits what it preloads at spaces and "
        "colons; set XDG_CACHE_HOME to a folder whose name has neither",
        cache);
  }
  return cache + "/tare/openvino";
}

// Changes with every source and header that the libraries are made of.
Result<uint64_t> HashOfSources(const std::string& root) {
  std::vector<std::string> paths;
  for (const char* room : {"base", "einsum", "openvino"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(fmt::format("{}/src/{}", root, room), error)) {
      const std::string path = entry.path().string();
      if (path.ends_with(".h") || path.ends_with(".cc")) paths.push_back(path);
    }
  }
  std::sort(paths.begin(), paths.end());
  uint64_t hash = Fnv1a64("");
  for (const std::string& path : paths) {
    TARE_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(path));
    hash = Fnv1a64(text, hash);
  }
  if (!paths.empty()) return hash;
  return Unsupported(
      "{}: the sources of the hook are not here; name the folder of Tare's sources with "
      "TARE_SOURCE_DIR",
      root);
}

Result<std::string> Compiler() {
  const std::string compiler = FindProgram("g++");
  if (!compiler.empty()) return compiler;
  return Unsupported("no g++ in PATH: the hook is built for each OpenVINO once; install g++");
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

void AddSources(std::span<const std::string_view> sources, const std::string& root,
                Command& command) {
  for (const std::string_view source : sources) {
    command.argv.push_back(fmt::format("{}/src/{}", root, source));
  }
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
        .In("no place to keep the hook (XDG_CACHE_HOME can name another)");
  }
  return AtomicFolder::Create(folder, OldFolder::kReplace, std::string(kHookLibrary));
}

Status Build(const OpenVinoInstall& install, const std::string& root, const std::string& folder) {
  TARE_ASSIGN_OR_RETURN(const std::string compiler, Compiler());
  TARE_ASSIGN_OR_RETURN(AtomicFolder made, NewFolder(folder));
  Say("tare: building the hook for OpenVINO {}, once: about half a minute\n", install.version);
  Command hook = CompileCommand(compiler, install, root);
  // Without exceptions it needs no libstdc++, which the program's may not be.
  hook.argv.push_back("-fno-exceptions");
  AddSources(kHookSources, root, hook);
  TARE_RETURN_IF_ERROR(Compile(hook, fmt::format("{}/{}", made.temporary(), kHookLibrary)));
  Command pass = CompileCommand(compiler, install, root);
  AddSources(kPassSources, root, pass);
  pass.argv.insert(
      pass.argv.end(),
      {install.library, "-Wl,-rpath," + fs::path(install.library).parent_path().string(),
       "-Wl,--no-undefined"});
  TARE_RETURN_IF_ERROR(Compile(pass, fmt::format("{}/{}", made.temporary(), kPassLibrary)));
  return made.Commit();
}

}  // namespace

Result<std::string> HookFor(const OpenVinoInstall& install) {
  const std::string root = SourceFolder();
  TARE_ASSIGN_OR_RETURN(const uint64_t sources, HashOfSources(root));
  TARE_ASSIGN_OR_RETURN(const std::string cache, CacheRoot());
  const uint64_t place = Fnv1a64(install.library, sources);
  const std::string folder = fmt::format("{}/{}-abi{}-{:016x}", cache, install.version,
                                         install.new_string_abi ? 1 : 0, place);
  const std::string hook = fmt::format("{}/{}", folder, kHookLibrary);
  if (access(hook.c_str(), R_OK) != 0) TARE_RETURN_IF_ERROR(Build(install, root, folder));
  return hook;
}

}  // namespace tare
