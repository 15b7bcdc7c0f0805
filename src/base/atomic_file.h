#ifndef TARE_BASE_ATOMIC_FILE_H_
#define TARE_BASE_ATOMIC_FILE_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/descriptor_io.h"
#include "base/error.h"

namespace tare {

// A file that appears under its name complete or not at all. Bytes go to a temporary file in the
// same folder; Commit() makes it durable and renames it. Until then an older file of that name
// stays as it is. The destructor removes the temporary file, and so does a signal that ends the
// process (base/temporaries.h). Move-only.
class AtomicFile {
 public:
  //   Errors  Io; InvalidInput if `path` exists and is not a regular file.
  static Result<AtomicFile> Create(const std::string& path);

  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&& other) noexcept;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Appends. Errors: Io; do not use the file after that.
  Status Write(std::span<const std::byte> bytes) { return WriteAll(fd_, bytes, path_); }

  // Precondition: called once, after the last Write; no Write failed.
  Status Commit();

  // Write and Commit for a file that is one piece of text.
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
