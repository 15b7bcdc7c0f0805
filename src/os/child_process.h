#ifndef TARE_OS_CHILD_PROCESS_H_
#define TARE_OS_CHILD_PROCESS_H_

#include <sys/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "os/scoped_fd.h"

namespace tare {

// The descriptors of a worker's pipes; bench passes them as `--fd-in 3 --fd-out 4`.
inline constexpr int kWorkerFdIn = 3;
inline constexpr int kWorkerFdOut = 4;

// A program to run. `program` is a path (PATH is not searched); `argv` includes argv[0].
struct Command {
  std::string program;
  std::vector<std::string> argv;
  std::map<std::string, std::string> environment;  // added to this process's own, or replacing it
};

struct ExitStatus {
  bool signaled = false;
  int code = 0;  // exit status, or the signal's number
};

// A worker and all processes that it starts. It runs in its own process group, with /dev/null as
// stdin, pipes on stdout, stderr and the protocol's two descriptors, and no core file, and dies
// with this process. While it lives, this process adopts its orphans, so that none can escape.
// Precondition: the calling process starts one at a time, from one thread.
class ChildProcess {
 public:
  // Returns once the program has replaced the forked copy of this process, so that no sample shows
  // the copy's memory. `cgroup_procs_fd` is the cgroup.procs file of the cgroup to enter; -1: none.
  //   Errors   Io with the reason if the program cannot be executed; Unsupported if it cannot enter
  //            the cgroup.
  static Result<ChildProcess> Spawn(const Command& command, int cgroup_procs_fd = -1);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // KillAndReap

  pid_t pid() const { return pid_; }
  const std::set<pid_t>& earlier_children() const { return earlier_children_; }

  // This process's ends of the pipes, all non-blocking.
  ScopedFd to_worker;
  ScopedFd from_worker;
  ScopedFd out;
  ScopedFd err;

  // How the worker ended, or nullopt while it runs. It stays a zombie until KillAndReap, so that no
  // other process can get its process id.
  std::optional<ExitStatus> Poll() const;

  // Sends SIGTERM to its group, so that it can remove temporary files, and waits a while.
  // KillAndReap ends what is left.
  void AskToEnd() const;

  // Kills its group, waits for it, then kills and reaps every orphan. Idempotent.
  ExitStatus KillAndReap();

 private:
  ChildProcess() = default;

  pid_t pid_ = -1;
  ExitStatus status_;
  std::set<pid_t> earlier_children_;  // children of this process before this one; never touched
};

}  // namespace tare

#endif  // TARE_OS_CHILD_PROCESS_H_
