#ifndef TARE_OPENVINO_MEMORY_FILE_VIEW_H_
#define TARE_OPENVINO_MEMORY_FILE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/error.h"
#include "openvino/memory/memory_map.h"

namespace tare {

// Bytes of a file mapped a second time, shared with the file and never written. Its pages can be
// dropped whoever else has the file mapped, nothing is lost thereby, and what is dropped stays in
// the page cache: none of that is true of private pages that a program may write to.
class FileView {
 public:
  // Of `count` bytes of an open file.   Errors: Io.
  static Result<std::shared_ptr<const FileView>> At(int file, uint64_t offset, size_t count);

  // Of what lies at `bytes` in this process.
  //   map     not older than the mapping that they lie in.
  //   Errors  Unsupported where that is not one private mapping of a file, or has been written to,
  //           or the file cannot be opened again; Io.
  static Result<std::shared_ptr<const FileView>> Of(const MemoryMap& map,
                                                    std::span<const std::byte> bytes);

  FileView(const FileView&) = delete;
  FileView& operator=(const FileView&) = delete;
  ~FileView();

  std::span<const std::byte> bytes() const { return pages_.subspan(skipped_, count_); }

  // They come back when they are read.
  void DropPages() const;

 private:
  FileView(std::span<std::byte> pages, size_t skipped, size_t count)
      : pages_(pages), skipped_(skipped), count_(count) {}

  std::span<std::byte> pages_;
  size_t skipped_;  // of the first page
  size_t count_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_FILE_VIEW_H_
