#include "format/hdf5/hdf5_process.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <utility>

#include "base/environment.h"
#include "base/installed_paths.h"
#include "os/spawn.h"

namespace tare {
namespace {

constexpr const char* kHelperVariable = "TARE_HDF5_HELPER";
constexpr const char* kHelperName = "tare-hdf5";
constexpr const char* kHelperPlace = "libexec/tare/tare-hdf5";
constexpr int kCannotLoad = 127;  // the status with which the dynamic loader ends

bool IsProgram(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_regular_file(path, error) && ::access(path.c_str(), X_OK) == 0;
}

Result<std::array<int, 2>> MakeSockets(std::chrono::seconds patience) {
  std::array<int, 2> sockets;
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sockets.data()) != 0) {
    return ErrnoError(errno, "cannot create a socket for the HDF5 helper");
  }
  const timeval limit = {patience.count(), 0};
  ::setsockopt(sockets[0], SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  ::setsockopt(sockets[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  return sockets;
}

}  // namespace

Result<std::string> FindHdf5Helper() {
  if (const std::string named = EnvironmentVariable(kHelperVariable); !named.empty()) {
    if (IsProgram(named)) return named;
    return IoError("{} names {}, which is not a program", kHelperVariable, named);
  }
  const std::string beside = InstalledPath(kHelperPlace);
  if (IsProgram(beside)) return beside;
  if (std::string of_tare = InstalledPathOfTare(kHelperPlace); IsProgram(of_tare)) return of_tare;
  return IoError(
      "cannot find {}, which reads HDF5 files, at {} or beside a tare in PATH; set {} to its path",
      kHelperName, beside, kHelperVariable);
}

Result<Hdf5Process> Hdf5Process::Start(const std::string& mode, const std::string& file,
                                       std::chrono::seconds patience) {
  TARE_ASSIGN_OR_RETURN(const std::string helper, FindHdf5Helper());
  TARE_ASSIGN_OR_RETURN(const auto sockets, MakeSockets(patience));
  SpawnOptions options;
  options.input = sockets[1];
  options.default_signals = true;
  const Result<pid_t> pid = Spawn(helper, {kHelperName, mode, file}, options);
  ::close(sockets[1]);
  if (!pid.ok()) {
    ::close(sockets[0]);
    return pid.error().In("the HDF5 helper cannot be started");
  }
  return Hdf5Process(*pid, sockets[0]);
}

Hdf5Process::Hdf5Process(Hdf5Process&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), socket_(std::exchange(other.socket_, -1)) {}

Hdf5Process::~Hdf5Process() {
  (void)Reap();
  if (socket_ >= 0) ::close(socket_);
}

// The wait status; nullopt if the caller's way with SIGCHLD hides it, or it was reaped before.
std::optional<int> Hdf5Process::Reap() {
  const pid_t pid = std::exchange(pid_, -1);
  if (pid < 0) return std::nullopt;
  int status = 0;
  pid_t waited = 0;
  // The end of the socket is seen before the end of the process: give it a moment to be itself.
  for (int attempt = 0; attempt < 100 && waited == 0; ++attempt) {
    waited = ::waitpid(pid, &status, WNOHANG);
    if (waited == 0 && attempt == 0) ::shutdown(socket_, SHUT_RDWR);
    if (waited == 0) ::usleep(1000);
  }
  if (waited == 0) {
    ::kill(pid, SIGKILL);
    do {
      waited = ::waitpid(pid, &status, 0);
    } while (waited < 0 && errno == EINTR);
  }
  if (waited != pid) return std::nullopt;
  return status;
}

Error Hdf5Process::Ended(std::string_view doing) {
  const int reason = errno;
  if (reason == EAGAIN || reason == EWOULDBLOCK) {
    ::kill(pid_, SIGKILL);
    (void)Reap();
    return CorruptFile("the HDF5 helper took too long {}; is the file damaged?", doing);
  }
  const auto status = Reap();
  if (status && WIFSIGNALED(*status)) {
    return CorruptFile("the HDF5 helper was ended by signal {} {}; is the file damaged?",
                       WTERMSIG(*status), doing);
  }
  if (status && WEXITSTATUS(*status) == kCannotLoad) {
    return IoError(
        "the HDF5 helper cannot be loaded; are its libraries installed, and is there enough "
        "memory?");
  }
  return CorruptFile("the HDF5 helper ended (status {}) {}; is the file damaged?",
                     status ? WEXITSTATUS(*status) : -1, doing);
}

Status Hdf5Process::Send(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) return Ended("before it received its request");
    bytes = bytes.subspan(static_cast<size_t>(sent));
  }
  return {};
}

Result<size_t> Hdf5Process::Receive(std::span<std::byte> bytes) {
  for (;;) {
    errno = 0;
    const ssize_t got = ::recv(socket_, bytes.data(), bytes.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return Ended("before it sent everything");
    return static_cast<size_t>(got);
  }
}

Status Hdf5Process::ReceiveExactly(std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    TARE_ASSIGN_OR_RETURN(const size_t got, Receive(bytes));
    if (got == 0) return Ended("before it sent everything");
    bytes = bytes.subspan(got);
  }
  return {};
}

}  // namespace tare
