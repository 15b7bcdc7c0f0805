#include "bench/rows/backend_install.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/atomic_file.h"
#include "base/find_program.h"
#include "os/proc_files.h"
#include "os/run_command.h"
#include "os/scoped_fd.h"

namespace tare {
namespace {

constexpr uint64_t kInstallTimeoutNs = uint64_t{3600} * 1'000'000'000;  // some are compiled

// Takes the lock until the descriptor is closed. Waits while another process holds it.
Result<ScopedFd> Lock(const std::string& path) {
  ScopedFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd.valid() || flock(fd.get(), LOCK_EX) != 0) {
    return ErrnoError(errno, fmt::format("cannot lock {}", path));
  }
  return fd;
}

// Creates the environment, installs the packages and writes the stamp last.
Status InstallPackages(const Backend& backend, InterruptWatch& interrupt,
                       const std::function<void(std::string_view)>& on_output) {
  const std::string folder = BackendFolder(backend);
  const std::string python = FindProgram("python3");
  if (python.empty()) return IoError("python3 is not in PATH; install it (Debian: python3-venv)");
  const std::string id = RequirementsId(backend);
  const std::string requirements = fmt::format("{}/{}", WorkersFolder(), backend.requirements);
  if (id.empty()) return IoError("cannot read {}; is TARE_WORKERS_DIR right?", requirements);

  std::error_code error;
  std::filesystem::remove_all(folder, error);
  if (error) return ErrnoError(error.value(), fmt::format("cannot remove {}", folder));
  TARE_RETURN_IF_ERROR(RunCommand({python, {python, "-m", "venv", folder}, {}}, kInstallTimeoutNs,
                                  interrupt, on_output));
  const std::string interpreter = folder + "/bin/python";
  std::vector<std::string> pip = {interpreter, "-m",         "pip",
                                  "install",   "--no-input", "--disable-pip-version-check",
                                  "-r",        requirements};
  if (backend.without_dependencies) pip.emplace_back("--no-deps");
  TARE_RETURN_IF_ERROR(RunCommand({interpreter, pip, {}}, kInstallTimeoutNs, interrupt, on_output));
  TARE_ASSIGN_OR_RETURN(AtomicFile stamp, AtomicFile::Create(StampPath(backend)));
  return stamp.CommitText(id);
}

bool HasPackages(const Backend& backend) {
  const Result<std::string> stamp = ReadSmallFile(StampPath(backend));
  return stamp.ok() && *stamp == RequirementsId(backend) &&
         access(InterpreterOf(backend).c_str(), X_OK) == 0;
}

// Compiles llama.cpp's shim, the only shim.
Status BuildShim(const Backend& backend, InterruptWatch& interrupt,
                 const std::function<void(std::string_view)>& on_output) {
  std::string compiler;
  for (const char* name : {"c++", "g++", "clang++"}) {
    if (compiler.empty()) compiler = FindProgram(name);
  }
  if (compiler.empty()) {
    return Unsupported("no C++ compiler in PATH; install one (Debian: build-essential)");
  }
  const std::string packages = PackagesFolder(backend);
  const std::string libraries = packages + "/llama_cpp/lib";
  const std::string path = ShimPath(backend);
  const std::string half = path + ".tmp";
  TARE_RETURN_IF_ERROR(RunCommand(
      {compiler,
       {compiler, "-std=c++17", "-O2", "-fPIC", "-shared",
        fmt::format("{}/{}", WorkersFolder(), backend.shim), "-I" + packages + "/include",
        "-L" + libraries, "-lllama", "-Wl,-rpath," + libraries, "-o", half},
       {}},
      kInstallTimeoutNs, interrupt, on_output));
  if (rename(half.c_str(), path.c_str()) != 0) {
    return ErrnoError(errno, fmt::format("cannot rename {}", half));
  }
  return {};
}

}  // namespace

Result<bool> InstallBackend(const Backend& backend, InterruptWatch& interrupt,
                            const std::function<void(std::string_view)>& on_output) {
  if (backend.requirements.empty()) {
    return InvalidInput("backend {} is built in and needs no installation", backend.name);
  }
  const std::string folder = BackendFolder(backend);
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(folder).parent_path(), error);
  if (error) return ErrnoError(error.value(), fmt::format("cannot make the parent of {}", folder));
  TARE_ASSIGN_OR_RETURN(const ScopedFd lock, Lock(folder + ".lock"));
  const BackendState state = StateOf(backend);
  if (CanRun(state)) return false;

  if (!HasPackages(backend)) {
    TARE_RETURN_IF_ERROR(InstallPackages(backend, interrupt, on_output));
  }
  if (!backend.shim.empty()) TARE_RETURN_IF_ERROR(BuildShim(backend, interrupt, on_output));
  return true;
}

}  // namespace tare
