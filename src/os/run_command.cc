#include "os/run_command.h"

#include <unistd.h>

#include <array>

#include "base/poll_descriptors.h"
#include "os/clock.h"
#include "os/output_tail.h"

namespace tare {
namespace {

constexpr size_t kErrorTailBytes = 2000;
constexpr size_t kCaptureBytes = size_t{1} << 20;
constexpr uint64_t kPollNs = 20'000'000;

// False at the end of the stream, or when nothing is there.
bool Drain(ScopedFd& fd, const std::function<void(std::string_view)>& sink) {
  std::array<char, 65536> chunk;
  const ssize_t got = fd.valid() ? read(fd.get(), chunk.data(), chunk.size()) : 0;
  if (got > 0) sink({chunk.data(), static_cast<size_t>(got)});
  if (got == 0) fd.Close();
  return got > 0;
}

}  // namespace

Result<CommandEnd> RunToEnd(const Command& command, uint64_t timeout_ns, InterruptWatch& interrupt,
                            const std::function<void(std::string_view)>& on_output) {
  TARE_ASSIGN_OR_RETURN(ChildProcess child, ChildProcess::Spawn(command));
  OutputTail tail(kErrorTailBytes);
  const auto sink = [&](std::string_view bytes) {
    tail.Append(bytes);
    if (on_output) on_output(bytes);
  };
  const uint64_t deadline_ns = MonotonicNs() + timeout_ns;
  while (true) {
    if (interrupt.requested()) {
      child.AskToEnd();
      return Interrupted("{} was interrupted", command.program);
    }
    if (MonotonicNs() > deadline_ns) {
      child.AskToEnd();
      return IoError("{} did not end within {:.0f} s\n{}", command.program,
                     static_cast<double>(timeout_ns) * 1e-9, tail.Text());
    }
    const std::optional<ExitStatus> exit = child.Poll();
    std::array<pollfd, 3> fds = {Readable(child.out.get()), Readable(child.err.get()),
                                 Readable(interrupt.fd())};
    if (!exit) PollDescriptors(fds, kPollNs);
    const bool more_out = Drain(child.out, sink);
    const bool more_err = Drain(child.err, sink);
    if (exit && !more_out && !more_err) return CommandEnd{*exit, tail.Text()};
  }
}

Status RunCommand(const Command& command, uint64_t timeout_ns, InterruptWatch& interrupt,
                  const std::function<void(std::string_view)>& on_output) {
  TARE_ASSIGN_OR_RETURN(const CommandEnd end, RunToEnd(command, timeout_ns, interrupt, on_output));
  return CheckEnd(command, end);
}

Status CheckEnd(const Command& command, const CommandEnd& end) {
  if (!end.exit.signaled && end.exit.code == 0) return {};
  return IoError("{} ended with {} {}\n{}", command.program,
                 end.exit.signaled ? "signal" : "status", end.exit.code, end.tail);
}

Result<std::string> CaptureCommand(const Command& command, uint64_t timeout_ns,
                                   InterruptWatch& interrupt) {
  OutputTail output(kCaptureBytes);
  TARE_RETURN_IF_ERROR(RunCommand(command, timeout_ns, interrupt,
                                  [&](std::string_view bytes) { output.Append(bytes); }));
  return output.Text();
}

}  // namespace tare
