#ifndef TARE_OS_LINE_BUFFER_H_
#define TARE_OS_LINE_BUFFER_H_

#include <sys/types.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "base/error.h"

namespace tare {

// Splits the bytes of a descriptor into lines of limited length.
class LineReader {
 public:
  explicit LineReader(size_t max_line_bytes) : max_line_bytes_(max_line_bytes) {}

  // One read(2): blocks if the descriptor blocks, else takes what is available. Sets at_end() at
  // the end of the stream. Errors: Io.
  Status ReadOnce(int fd);
  // As ReadOnce, but waits for data on a non-blocking descriptor too.
  Status ReadWaiting(int fd);

  // The next complete line without its newline, or nullopt if there is none.
  // Errors: InvalidInput once a line exceeds the limit, complete or not.
  Result<std::optional<std::string>> NextLine();

  bool at_end() const { return at_end_; }
  // The text after the last newline; useful at the end.
  const std::string& rest() const { return pending_; }

 private:
  Status Take(ssize_t got, std::span<const char> chunk);

  const size_t max_line_bytes_;
  std::string pending_;
  size_t scanned_ = 0;  // bytes of pending_ known to hold no newline
  bool at_end_ = false;
};

// Bytes for a descriptor that may not take them all at once.
class LineWriter {
 public:
  void Push(const std::string& line) { pending_ += line + "\n"; }
  bool empty() const { return pending_.empty(); }

  // One write(2) of the pending bytes. Errors: Io (EPIPE: the reader is gone).
  Status WriteOnce(int fd);

 private:
  std::string pending_;
};

}  // namespace tare

#endif  // TARE_OS_LINE_BUFFER_H_
