#include "os/interrupt.h"

#include <sys/signalfd.h>

#include <cerrno>

namespace tare {

Result<InterruptWatch> InterruptWatch::Start() {
  InterruptWatch watch;
  sigset_t watched;
  sigemptyset(&watched);
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&watched, number);
  watch.fd_ = ScopedFd(signalfd(-1, &watched, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!watch.fd_.valid()) return ErrnoError(errno, "cannot watch for interrupts");
  sigprocmask(SIG_BLOCK, &watched, &watch.old_mask_);
  struct sigaction ignore = {};
  ignore.sa_handler = SIG_IGN;
  sigaction(SIGPIPE, &ignore, &watch.old_pipe_action_);
  return watch;
}

InterruptWatch::InterruptWatch(InterruptWatch&& other) noexcept
    : fd_(std::move(other.fd_)),
      requested_(other.requested_),
      old_mask_(other.old_mask_),
      old_pipe_action_(other.old_pipe_action_) {}

InterruptWatch::~InterruptWatch() {
  if (!fd_.valid()) return;
  requested();  // takes a pending signal away, so that unblocking does not end us
  sigprocmask(SIG_SETMASK, &old_mask_, nullptr);
  sigaction(SIGPIPE, &old_pipe_action_, nullptr);
}

bool InterruptWatch::requested() {
  signalfd_siginfo info;
  while (read(fd_.get(), &info, sizeof(info)) == static_cast<ssize_t>(sizeof(info))) {
    requested_ = true;
  }
  return requested_;
}

}  // namespace tare
