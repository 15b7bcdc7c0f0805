#ifndef TARE_OS_INTERRUPT_H_
#define TARE_OS_INTERRUPT_H_

#include <signal.h>

#include "base/error.h"
#include "os/scoped_fd.h"

namespace tare {

// While it lives, SIGINT, SIGTERM and SIGHUP do not end the process. They make fd() readable and
// requested() true, so that the program can end workers and keep results. SIGPIPE is ignored. Only
// one at a time, in a process with one thread.
class InterruptWatch {
 public:
  static Result<InterruptWatch> Start();
  InterruptWatch(InterruptWatch&& other) noexcept;
  InterruptWatch& operator=(InterruptWatch&&) = delete;
  ~InterruptWatch();

  int fd() const { return fd_.get(); }
  bool requested();

 private:
  InterruptWatch() = default;

  ScopedFd fd_;
  bool requested_ = false;
  sigset_t old_mask_ = {};
  struct sigaction old_pipe_action_ = {};
};

}  // namespace tare

#endif  // TARE_OS_INTERRUPT_H_
