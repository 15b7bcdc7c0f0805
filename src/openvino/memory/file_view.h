#ifndef TARE_OPENVINO_MEMORY_FILE_VIEW_H_
#define TARE_OPENVINO_MEMORY_FILE_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/error.h"
#include "openvino/memory/memory_map.h"

namespace tare {

// A second mapping of a file's bytes, shared and never written. Its pages can be dropped whoever
// else maps the file: nothing is lost, and dropped pages stay in the page cache. None of this holds
// for private pages that a program may write to.
class FileView {
 public:
  // A view of `count` bytes of an open file. Errors: Io.
  static Result<std::shared_ptr<const FileView>> At(int file, uint64_t offset, size_t count);

  // A view of the file behind `bytes` of this process.
  //   map     must not be older than the mapping of these bytes.
  //   Errors  Unsupported if the bytes are not in one private mapping of a file or have been
  //           written, or if the file cannot be opened again; Io.
  static Result<std::shared_ptr<const FileView>> Of(const MemoryMap& map,
                                                    std::span<const std::byte> bytes);

  FileView(const FileView&) = delete;
  FileView& operator=(const FileView&) = delete;
  ~FileView();

  std::span<const std::byte> bytes() const { return pages_.subspan(skipped_, count_); }

  // Reading brings the pages back.
  void DropPages() const;

 private:
  FileView(std::span<std::byte> pages, size_t skipped, size_t count)
      : pages_(pages), skipped_(skipped), count_(count) {}

  std::span<std::byte> pages_;
  size_t skipped_;  // bytes of the first page before the view
  size_t count_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_FILE_VIEW_H_
