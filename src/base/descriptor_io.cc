#include "base/descriptor_io.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "base/poll_descriptors.h"

namespace tare {
namespace {

// Whether to repeat the call that just failed. Waits first if the descriptor was not ready.
bool MayTryAgain(pollfd ready) {
  if (errno == EINTR) return true;
  if (errno != EAGAIN && errno != EWOULDBLOCK) return false;
  return PollDescriptors({&ready, 1}, std::nullopt) >= 0 || errno == EINTR;
}

std::string SizeLimitAdvice() {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return "the file system allows no larger file; write to another disk";
  }
  return fmt::format("no file may be larger than {} bytes here; raise the limit with ulimit -f",
                     limit.rlim_cur);
}

}  // namespace

int WriteFully(int fd, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes = bytes.subspan(static_cast<size_t>(written));
    } else if (!MayTryAgain(Writable(fd))) {
      return errno;
    }
  }
  return 0;
}

Error WriteError(int errno_value, const std::string& name) {
  Error error = ErrnoError(errno_value, name + ": cannot be written");
  if (errno_value == EFBIG) return IoError("{}; {}", error.message(), SizeLimitAdvice());
  if (errno_value != ENOSPC && errno_value != EDQUOT) return error;
  return IoError("{}; free some space or write to another disk", error.message());
}

Status WriteAll(int fd, std::span<const std::byte> bytes, const std::string& name) {
  const int reason = WriteFully(fd, bytes);
  if (reason != 0) return WriteError(reason, name);
  return {};
}

ssize_t ReadSome(int fd, std::span<std::byte> bytes) {
  while (true) {
    const ssize_t got = ::read(fd, bytes.data(), bytes.size());
    if (got >= 0 || !MayTryAgain(Readable(fd))) return got;
  }
}

}  // namespace tare
