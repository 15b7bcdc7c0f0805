#include "cli/read_text.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/descriptor_io.h"
#include "os/scoped_fd.h"

namespace tare {
namespace {

Result<std::string> ReadAll(int fd, const std::string& name) {
  std::string text;
  std::array<char, 1 << 16> buffer;
  while (true) {
    const ssize_t got = ReadSome(fd, std::as_writable_bytes(std::span(buffer)));
    if (got < 0) return ErrnoError(errno, name);
    if (got == 0) return text;
    text.append(buffer.data(), static_cast<size_t>(got));
  }
}

}  // namespace

Result<std::string> ReadText(const TextSource& source) {
  if (source.argument) return *source.argument;
  if (!source.file.empty() && source.file != "-") {
    const ScopedFd file(::open(source.file.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file.valid()) return ErrnoError(errno, source.file);
    return ReadAll(file.get(), source.file);
  }
  if (source.file.empty() && ::isatty(STDIN_FILENO) == 1) {
    return InvalidInput("no {}: give one as an argument, with -f FILE or on standard input",
                        source.what);
  }
  return ReadAll(STDIN_FILENO, "standard input");
}

}  // namespace tare
