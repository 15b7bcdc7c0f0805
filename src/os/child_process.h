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

// Where a worker finds its pipes; bench passes them as `--fd-in 3 --fd-out 4`.
inline constexpr int kWorkerFdIn = 3;
inline constexpr int kWorkerFdOut = 4;

// A program to run: `program` is a path (no search), argv[0] included in `argv`.
struct Command {
  std::string program;
  std::vector<std::string> argv;
  std::map<std::string, std::string> environment;  // added to, or replacing, our own
};

struct ExitStatus {
  bool signaled = false;
  int code = 0;  // exit status, or the signal's number
};

// A worker and all it leaves behind. It runs in a process group of its own with /dev/null as stdin,
// pipes on stdout, stderr and on the protocol's two descriptors, no core file, and dies with us.
// While it lives we are the reaper of its orphans, so that none can escape.
// Precondition: the calling process starts one at a time, from one thread.
class ChildProcess {
 public:
  // Returns when the program has replaced the forked copy of us, so that no sample shows the
  // copy's memory. It enters the cgroup whose cgroup.procs `cgroup_procs_fd` is, unless that is -1.
  //   Errors   Io, with the reason why the program could not be executed; Unsupported where it
  //            could not enter the cgroup.
  static Result<ChildProcess> Spawn(const Command& command, int cgroup_procs_fd = -1);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  ~ChildProcess();  // KillAndReap

  pid_t pid() const { return pid_; }
  const std::set<pid_t>& earlier_children() const { return earlier_children_; }

  // Our ends, all non-blocking.
  ScopedFd to_worker;
  ScopedFd from_worker;
  ScopedFd out;
  ScopedFd err;

  // How it ended, or nullopt while it runs. It stays a zombie until KillAndReap, so that its
  // number cannot be given to another process.
  std::optional<ExitStatus> Poll() const;

  // Asks its group to end (SIGTERM), so that it can remove what is half made, and waits a while for
  // that. Whoever does not end is left to KillAndReap.
  void AskToEnd() const;

  // Kills its group, waits for it, then kills and reaps every orphan it left. Idempotent.
  ExitStatus KillAndReap();

 private:
  ChildProcess() = default;

  pid_t pid_ = -1;
  ExitStatus status_;
  std::set<pid_t> earlier_children_;  // of ours, before this one: not to be touched
};

}  // namespace tare

#endif  // TARE_OS_CHILD_PROCESS_H_
