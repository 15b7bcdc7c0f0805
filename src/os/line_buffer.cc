#include "os/line_buffer.h"

#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/descriptor_io.h"

namespace tare {

Status LineReader::ReadOnce(int fd) {
  std::array<char, 65536> chunk;
  return Take(read(fd, chunk.data(), chunk.size()), chunk);
}

Status LineReader::ReadWaiting(int fd) {
  std::array<char, 65536> chunk;
  return Take(ReadSome(fd, std::as_writable_bytes(std::span(chunk))), chunk);
}

Status LineReader::Take(ssize_t got, std::span<const char> chunk) {
  if (got > 0) {
    pending_.append(chunk.data(), static_cast<size_t>(got));
  } else if (got == 0) {
    at_end_ = true;
  } else if (errno != EAGAIN && errno != EINTR) {
    return ErrnoError(errno, "cannot read lines");
  }
  return {};
}

Result<std::optional<std::string>> LineReader::NextLine() {
  const size_t newline = pending_.find('\n', scanned_);
  const size_t length = newline == std::string::npos ? pending_.size() : newline;
  if (length > max_line_bytes_) {
    return InvalidInput("a protocol line is longer than {} bytes", max_line_bytes_);
  }
  if (newline == std::string::npos) {
    scanned_ = pending_.size();
    return std::optional<std::string>();
  }
  std::string line = pending_.substr(0, newline);
  pending_.erase(0, newline + 1);
  scanned_ = 0;
  return std::optional<std::string>(std::move(line));
}

Status LineWriter::WriteOnce(int fd) {
  const ssize_t put = write(fd, pending_.data(), pending_.size());
  if (put >= 0) {
    pending_.erase(0, static_cast<size_t>(put));
  } else if (errno != EAGAIN && errno != EINTR) {
    return ErrnoError(errno, "cannot write to the protocol pipe");
  }
  return {};
}

}  // namespace tare
