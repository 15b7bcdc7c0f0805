#ifndef TARE_BENCH_WATCH_WORKER_FILES_H_
#define TARE_BENCH_WATCH_WORKER_FILES_H_

#include <sys/types.h>

#include <map>
#include <set>
#include <string>

#include "base/error.h"
#include "os/scoped_fd.h"

namespace tare {

// The regular files that a process currently maps or holds open. Empty if /proc does not report
// them.
std::set<std::string> FilesInUse(pid_t pid);

// Sees every file that the processes of one cgroup open, however briefly. Needs the right to watch
// whole file systems (fanotify, CAP_SYS_ADMIN).
class OpenWatch {
 public:
  // Ignores opens by processes outside `cgroup_folder`. Errors: Io with the reason.
  static Result<OpenWatch> Start(std::string cgroup_folder);

  // Adds the files opened since the last call. Call it several times a second.
  void Collect(std::set<std::string>& files);

 private:
  OpenWatch(ScopedFd fd, std::string name) : fd_(std::move(fd)), cgroup_name_(std::move(name)) {}
  bool IsWanted(pid_t pid);

  ScopedFd fd_;
  std::string cgroup_name_;
  std::map<pid_t, bool> wanted_;
};

}  // namespace tare

#endif  // TARE_BENCH_WATCH_WORKER_FILES_H_
