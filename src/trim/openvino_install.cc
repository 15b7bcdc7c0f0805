#include "trim/openvino_install.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <regex>
#include <sstream>
#include <string_view>
#include <system_error>

#include "base/environment.h"
#include "base/find_program.h"
#include "base/mapped_file.h"
#include "os/run_command.h"

namespace tare {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kVersions = {"2025.2.0", "2025.3.0", "2025.4.1",
                                                       "2026.4.1"};
constexpr uint64_t kQuestionTimeoutNs = uint64_t{60} * 1'000'000'000;
constexpr std::string_view kVersionHeader = "openvino/core/version.hpp";
// Finds the package without importing it. The mark tells the answer from other output: linker
// warnings, and whatever an interpreter prints when it starts.
constexpr std::string_view kAnswerMark = "\ntare: openvino package: ";
constexpr char kQuestion[] =
    "import importlib.util as u; s = u.find_spec('openvino'); "
    "p = s.submodule_search_locations[0] if s and s.submodule_search_locations else ''; "
    "print('\\ntare: openvino package: ' + p, flush=True)";

// Links are not followed: a virtual environment's python is a link, and its place names the
// environment.
Result<std::string> ProgramPath(const std::string& name) {
  const std::string path = name.find('/') == name.npos ? FindProgram(name) : name;
  std::error_code error;
  if (!fs::is_regular_file(path, error) || access(path.c_str(), X_OK) != 0) {
    return InvalidInput("{}: no such program, or it is not executable", name);
  }
  return path;
}

// The interpreter in the first line of a Python script, or empty. Also understands
// "#!/usr/bin/env python3" and "#!/usr/bin/env -S python3 -u".
std::string InterpreterOfScript(const std::string& program) {
  std::ifstream file(program, std::ios::binary);
  std::string line(2, '\0');
  if (!file.read(line.data(), 2) || line != "#!" || !std::getline(file, line)) return {};
  std::istringstream words(line);
  std::string interpreter, argument;
  words >> interpreter >> argument;
  if (argument == "-S") words >> argument;
  if (fs::path(interpreter).filename() == "env") interpreter = FindProgram(argument);
  return interpreter;
}

// The interpreter in the second line of a launcher script, or empty. pip and uv write such a line
// if the path is too long or has spaces: '''exec' "/path/python" "$0" "$@".
std::string InterpreterOfLauncher(const std::string& program) {
  std::ifstream file(program, std::ios::binary);
  std::string line;
  if (!std::getline(file, line) || line != "#!/bin/sh" || !std::getline(file, line)) return {};
  constexpr std::string_view kExec = "'''exec' ";
  if (line.rfind(kExec, 0) != 0) return {};
  std::istringstream words(line.substr(kExec.size()));
  std::string interpreter;
  words >> std::quoted(interpreter);
  return interpreter;
}

bool IsPython(const std::string& path) {
  return fs::path(path).filename().string().rfind("python", 0) == 0;
}

// "libopenvino.so", "libopenvino.so.2520"; not "libopenvino_c.so".
bool IsOpenVinoLibrary(const std::string& name) { return name.rfind("libopenvino.so", 0) == 0; }

// The library in a folder, or empty. The name with the number is the one that programs ask for.
std::string LibraryIn(const fs::path& folder) {
  std::string found;
  std::error_code error;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename().string();
    if (IsOpenVinoLibrary(name)) found = std::max(found, entry.path().string());
  }
  return found;
}

// A wheel has libs, an archive runtime/lib/ARCH; $OpenVINO_DIR is their folder of CMake files.
std::string LibraryUnder(const fs::path& root) {
  for (const char* folder : {"libs", "lib", "runtime/lib/intel64", "runtime/lib/aarch64", "../libs",
                             "../lib/intel64", "../lib/aarch64"}) {
    const std::string library = LibraryIn(root / folder);
    if (!library.empty()) return fs::path(library).lexically_normal();
  }
  return {};
}

Result<std::string> LibraryOfPython(const std::string& python) {
  TARE_ASSIGN_OR_RETURN(InterruptWatch interrupt, InterruptWatch::Start());
  const Result<std::string> answer =
      CaptureCommand({python, {python, "-c", kQuestion}, {}}, kQuestionTimeoutNs, interrupt);
  if (!answer.ok()) return answer.error().In("asking Python for its openvino package");
  const size_t mark = answer->rfind(kAnswerMark);
  const size_t begin = mark == answer->npos ? answer->size() : mark + kAnswerMark.size();
  const std::string package = answer->substr(begin, answer->find('\n', begin) - begin);
  const std::string library = package.empty() ? "" : LibraryUnder(package);
  if (library.empty()) {
    return InvalidInput(
        "{}: this Python finds no openvino package{}; install it with {} -m pip install openvino, "
        "or name its folder with --openvino",
        python, package.empty() ? "" : " with a library (it found " + package + ")", python);
  }
  return library;
}

// The library that the dynamic linker would load, or empty: a program may load OpenVINO later, by
// name.
std::string LibraryOfBinary(const std::string& program) {
  const std::string ldd = FindProgram("ldd");
  Result<InterruptWatch> interrupt = InterruptWatch::Start();
  if (ldd.empty() || !interrupt.ok()) return {};
  const Result<std::string> answer =
      CaptureCommand({ldd, {ldd, program}, {}}, kQuestionTimeoutNs, *interrupt);
  if (!answer.ok()) return {};
  std::istringstream lines(*answer);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name, arrow, path;
    words >> name >> arrow >> path;
    if (IsOpenVinoLibrary(name) && arrow == "=>" && path.rfind('/', 0) == 0) return path;
  }
  return {};
}

Result<std::string> FindLibrary(const std::vector<std::string>& command,
                                const std::string& folder) {
  TARE_ASSIGN_OR_RETURN(const std::string program, ProgramPath(command.at(0)));
  if (!folder.empty()) {
    std::string library = LibraryUnder(folder);
    if (!library.empty()) return library;
    return InvalidInput(
        "{}: no libopenvino.so in this folder; expected a wheel's openvino folder or the root of "
        "an OpenVINO install",
        folder);
  }
  std::string script = InterpreterOfLauncher(program);
  if (script.empty()) script = InterpreterOfScript(program);
  // A version manager's "python" is a shell script, but it answers as Python does.
  const std::string interpreter = script.empty() || IsPython(program) ? program : script;
  if (IsPython(interpreter)) return LibraryOfPython(interpreter);
  std::string library = LibraryOfBinary(interpreter);
  for (const char* variable : {"OpenVINO_DIR", "INTEL_OPENVINO_DIR"}) {
    if (library.empty() && !EnvironmentVariable(variable).empty()) {
      library = LibraryUnder(EnvironmentVariable(variable));
    }
  }
  if (!library.empty()) return library;
  return InvalidInput(
      "{}: cannot tell which OpenVINO it will load: it is not Python and does not link OpenVINO, "
      "and $OpenVINO_DIR does not name one; name its folder with --openvino",
      program);
}

Result<std::string> IncludeFolder(const std::string& library) {
  const fs::path folder = fs::path(library).parent_path();
  for (const char* up : {"../include", "../../include", "../../../include"}) {
    const fs::path include = (folder / up).lexically_normal();
    std::error_code error;
    if (fs::exists(include / kVersionHeader, error)) return include.string();
  }
  return InvalidInput(
      "{}: no headers beside it (include/{}); install OpenVINO's wheel or development files",
      library, kVersionHeader);
}

Result<std::string> VersionOfHeaders(const std::string& include) {
  const std::string path = fmt::format("{}/{}", include, kVersionHeader);
  std::ifstream file(path);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  std::string version;
  for (const char* part : {"MAJOR", "MINOR", "PATCH"}) {
    std::smatch match;
    if (!std::regex_search(text, match,
                           std::regex(fmt::format("#define OPENVINO_VERSION_{} (\\d+)", part)))) {
      return CorruptFile("{}: has no OPENVINO_VERSION_{}; is OpenVINO installed completely?", path,
                         part);
    }
    version += (version.empty() ? "" : ".") + match[1].str();
  }
  return version;
}

// "libopenvino.so.2520" for "2025.2.0": the two digits of the year, then the rest.
std::string LibraryNameOf(const std::string& version) {
  std::string digits;
  std::copy_if(version.begin() + 2, version.end(), std::back_inserter(digits),
               [](char c) { return c != '.'; });
  return "libopenvino.so." + digits;
}

// Told by the mangled name of compile_model(model, config).
Result<bool> HasNewStringAbi(const std::string& library) {
  TARE_ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(library));
  const std::string_view bytes(reinterpret_cast<const char*>(file.bytes().data()),
                               file.bytes().size());
  constexpr std::string_view kName =
      "_ZN2ov4Core13compile_modelERKSt10shared_ptrIKNS_5ModelEERKSt3mapI";
  const size_t at = bytes.find(kName);
  const std::string_view key = at == bytes.npos ? "" : bytes.substr(at + kName.size(), 10);
  if (key.rfind("NSt7__cxx1", 0) == 0) return true;
  if (key.rfind("Ss", 0) == 0) return false;
  return Unsupported(
      "{}: has no ov::Core::compile_model as GCC names it; was it built by another compiler?",
      library);
}

}  // namespace

Result<OpenVinoInstall> DescribeOpenVino(const std::string& path) {
  // The hook is stored under this path and finds the library by it, wherever the program runs.
  std::error_code error;
  const std::string library = fs::absolute(path, error);
  if (error) return ErrnoError(error.value(), path);
  OpenVinoInstall install;
  install.library = library;
  TARE_ASSIGN_OR_RETURN(install.include, IncludeFolder(library));
  TARE_ASSIGN_OR_RETURN(install.version, VersionOfHeaders(install.include));
  if (std::find(kVersions.begin(), kVersions.end(), install.version) == kVersions.end()) {
    return Unsupported("{}: is OpenVINO {}, expected one of the tested versions: {}", library,
                       install.version, fmt::join(kVersions, ", "));
  }
  const fs::path real = fs::weakly_canonical(library, error);
  const std::string name = fs::path(library).filename().string();
  const std::string wanted = LibraryNameOf(install.version);
  if (name != wanted && real.filename().string().find(wanted) == std::string::npos &&
      real.filename().string().find(install.version) == std::string::npos) {
    return InvalidInput(
        "{}: does not match the headers in {}, which are of OpenVINO {} (expected {}); "
        "reinstall one of them",
        library, install.include, install.version, wanted);
  }
  TARE_ASSIGN_OR_RETURN(install.new_string_abi, HasNewStringAbi(library));
  return install;
}

Result<OpenVinoInstall> FindOpenVino(const std::vector<std::string>& command,
                                     const std::string& folder) {
  TARE_ASSIGN_OR_RETURN(const std::string library, FindLibrary(command, folder));
  return DescribeOpenVino(library);
}

}  // namespace tare
