#ifndef TARE_BASE_ATOMIC_FILE_H_
#define TARE_BASE_ATOMIC_FILE_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/descriptor_io.h"
#include "base/error.h"

namespace tare {

// A file that appears under its name whole or not at all: bytes go to a temporary file beside it,
// which Commit() makes durable and renames. Until then whatever had that name stays as it was, and
// the destructor removes the temporary, and so does a signal that ends the process
// (base/temporaries.h). Move-only.
class AtomicFile {
 public:
  //   Errors  Io; InvalidInput where `path` is there and is no regular file.
  static Result<AtomicFile> Create(const std::string& path);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Appends. Errors: Io; the file must then be given up.
  Status Write(std::span<const std::byte> bytes) { return WriteAll(fd_, bytes, path_); }

  // Precondition: called once, after the last Write, and none of them failed.
  Status Commit();

  // Write and Commit, for a file of one piece of text.
  Status CommitText(std::string_view text) {
    Status written = Write(std::as_bytes(std::span(text)));
    return written.ok() ? Commit() : written;
  }

  const std::string& path() const { return path_; }

 private:
  AtomicFile(std::string path, std::string temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}
  Status Close();

  std::string path_;
  std::string temporary_;  // empty once it is gone or renamed
  int fd_ = -1;
};

}  // namespace tare

#endif  // TARE_BASE_ATOMIC_FILE_H_
