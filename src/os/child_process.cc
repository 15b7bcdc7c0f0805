#include "os/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "os/proc_files.h"
#include "os/spawn.h"

namespace tare {
namespace {

// Above every number the child uses, so that moving one descriptor never closes another.
constexpr int kFirstSafeFd = 16;

struct Pipe {
  ScopedFd read_end;
  ScopedFd write_end;
};

Result<ScopedFd> MoveAbove(int fd) {
  ScopedFd low(fd);
  const int high = fcntl(fd, F_DUPFD_CLOEXEC, kFirstSafeFd);
  if (high < 0) return ErrnoError(errno, "cannot duplicate a pipe");
  return ScopedFd(high);
}

Result<Pipe> MakePipe() {
  std::array<int, 2> fds;
  if (pipe2(fds.data(), O_CLOEXEC) != 0) return ErrnoError(errno, "cannot create a pipe");
  Result<ScopedFd> read_end = MoveAbove(fds[0]);
  Result<ScopedFd> write_end = MoveAbove(fds[1]);
  if (!read_end.ok()) return read_end.error();
  if (!write_end.ok()) return write_end.error();
  return Pipe{std::move(read_end).value(), std::move(write_end).value()};
}

void SetNonBlocking(const ScopedFd& fd) {
  fcntl(fd.get(), F_SETFL, fcntl(fd.get(), F_GETFL) | O_NONBLOCK);
}

struct ChildPlan {
  const char* program;
  char** argv;
  char** envp;
  int null_fd, out_fd, err_fd, protocol_in_fd, protocol_out_fd, report_fd;
  int cgroup_procs_fd;  // -1: it stays where we are
  pid_t parent;
};

// Why a child did not become the program.
struct ExecFailure {
  int reason = 0;  // errno; 0: it became the program
  bool outside_cgroup = false;
};

[[noreturn]] void ReportAndExit(int report_fd, const ExecFailure& failure) {
  [[maybe_unused]] const ssize_t written = write(report_fd, &failure, sizeof(failure));
  _exit(127);
}

// Between fork and exec: system calls only.
[[noreturn]] void BecomeProgram(const ChildPlan& plan) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != plan.parent) _exit(127);
  const bool entered = plan.cgroup_procs_fd < 0 || write(plan.cgroup_procs_fd, "0", 1) == 1;
  if (!entered) ReportAndExit(plan.report_fd, {errno, true});
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT}) signal(number, SIG_DFL);
  const rlimit no_core = {0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const bool placed = dup2(plan.null_fd, 0) >= 0 && dup2(plan.out_fd, 1) >= 0 &&
                      dup2(plan.err_fd, 2) >= 0 && dup2(plan.protocol_in_fd, kWorkerFdIn) >= 0 &&
                      dup2(plan.protocol_out_fd, kWorkerFdOut) >= 0;
  if (placed) {
    // Descriptors that others opened without O_CLOEXEC; an old kernel without the call keeps them.
    syscall(SYS_close_range, kWorkerFdOut + 1, ~0U, CLOSE_RANGE_CLOEXEC);
    execve(plan.program, plan.argv, plan.envp);
  }
  ReportAndExit(plan.report_fd, {errno, false});
}

// Waits for exec to close the report pipe.
ExecFailure AwaitExec(const ScopedFd& report) {
  ExecFailure failure;
  ssize_t got;
  do {
    got = read(report.get(), &failure, sizeof(failure));
  } while (got < 0 && errno == EINTR);
  return got == static_cast<ssize_t>(sizeof(failure)) ? failure : ExecFailure{};
}

void SleepMilliseconds(long milliseconds) {
  const timespec duration = {0, milliseconds * 1'000'000};
  nanosleep(&duration, nullptr);
}

// Kills children of ours that are not in `keep`: orphans that were handed to us. Each one's own
// children become ours in turn, so this goes on until none is left, or two seconds have passed.
void ReapOrphans(const std::set<pid_t>& keep) {
  for (int attempt = 0; attempt < 400; ++attempt) {
    bool found = false;
    for (const pid_t pid : ChildrenOf(getpid())) {
      if (keep.contains(pid)) continue;
      found = true;
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, WNOHANG);
    }
    if (!found) return;
    SleepMilliseconds(5);
  }
}

}  // namespace

Result<ChildProcess> ChildProcess::Spawn(const Command& command, int cgroup_procs_fd) {
  ChildProcess child;
  for (const pid_t pid : ChildrenOf(getpid())) child.earlier_children_.insert(pid);
  TARE_ASSIGN_OR_RETURN(Pipe in, MakePipe());
  TARE_ASSIGN_OR_RETURN(Pipe from, MakePipe());
  TARE_ASSIGN_OR_RETURN(Pipe out, MakePipe());
  TARE_ASSIGN_OR_RETURN(Pipe err, MakePipe());
  TARE_ASSIGN_OR_RETURN(Pipe report, MakePipe());
  TARE_ASSIGN_OR_RETURN(const ScopedFd null, MoveAbove(open("/dev/null", O_RDWR | O_CLOEXEC)));

  ExecStrings argv(command.argv), environment(EnvironmentWith(command.environment));
  const ChildPlan plan = {command.program.c_str(),
                          argv.data(),
                          environment.data(),
                          null.get(),
                          out.write_end.get(),
                          err.write_end.get(),
                          in.read_end.get(),
                          from.write_end.get(),
                          report.write_end.get(),
                          cgroup_procs_fd,
                          getpid()};
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  child.pid_ = fork();
  if (child.pid_ < 0) return ErrnoError(errno, "cannot fork");
  if (child.pid_ == 0) BecomeProgram(plan);
  setpgid(child.pid_, child.pid_);  // the child does it too; one of the two is first
  report.write_end.Close();
  if (const ExecFailure failure = AwaitExec(report.read_end); failure.outside_cgroup) {
    return Unsupported("cannot enter the memory cgroup: {} (errno {})", strerror(failure.reason),
                       failure.reason);
  } else if (failure.reason != 0) {
    return ErrnoError(failure.reason, fmt::format("cannot execute {}", command.program));
  }
  child.to_worker = std::move(in.write_end);
  child.from_worker = std::move(from.read_end);
  child.out = std::move(out.read_end);
  child.err = std::move(err.read_end);
  for (const ScopedFd* fd : {&child.to_worker, &child.from_worker, &child.out, &child.err}) {
    SetNonBlocking(*fd);
  }
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : to_worker(std::move(other.to_worker)),
      from_worker(std::move(other.from_worker)),
      out(std::move(other.out)),
      err(std::move(other.err)),
      pid_(std::exchange(other.pid_, -1)),
      status_(other.status_),
      earlier_children_(std::move(other.earlier_children_)) {}

ChildProcess::~ChildProcess() { KillAndReap(); }

std::optional<ExitStatus> ChildProcess::Poll() const {
  if (pid_ < 0) return status_;
  siginfo_t info = {};
  if (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0 ||
      info.si_pid == 0) {
    return std::nullopt;
  }
  return ExitStatus{info.si_code != CLD_EXITED, info.si_status};
}

void ChildProcess::AskToEnd() const {
  if (pid_ < 0) return;
  kill(-pid_, SIGTERM);
  constexpr int kAttempts = 400;
  for (int attempt = 0; attempt < kAttempts && !Poll(); ++attempt) SleepMilliseconds(5);
}

ExitStatus ChildProcess::KillAndReap() {
  if (pid_ < 0) return status_;
  kill(-pid_, SIGKILL);  // the leader is unreaped, so the group's number is still its own
  kill(pid_, SIGKILL);
  siginfo_t info = {};
  while (waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED) != 0 && errno == EINTR) {
  }
  status_ = {info.si_code != CLD_EXITED, info.si_status};
  pid_ = -1;
  ReapOrphans(earlier_children_);
  prctl(PR_SET_CHILD_SUBREAPER, 0);
  return status_;
}

}  // namespace tare
