#include "bench/backend_install.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>
#include <filesystem>

#include "base/atomic_file.h"
#include "bench/run_command.h"
#include "bench/scoped_fd.h"

namespace tare {
namespace {

constexpr uint64_t kInstallTimeoutNs = uint64_t{3600} * 1'000'000'000;  // some are compiled

// Held until closed. Waits while another process holds it.
Result<ScopedFd> Lock(const std::string& path) {
  ScopedFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (!fd.valid() || flock(fd.get(), LOCK_EX) != 0) {
    return ErrnoError(errno, fmt::format("cannot lock {}", path));
  }
  return fd;
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

  const std::string python = FindProgram("python3");
  if (python.empty()) return IoError("python3 is not in PATH; install it (Debian: python3-venv)");
  const std::string id = RequirementsId(backend);
  const std::string requirements = fmt::format("{}/{}", WorkersFolder(), backend.requirements);
  if (id.empty()) return IoError("cannot read {}; is TARE_WORKERS_DIR right?", requirements);

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
  TARE_RETURN_IF_ERROR(stamp.CommitText(id));
  return true;
}

}  // namespace tare
