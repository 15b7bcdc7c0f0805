#ifndef TARE_OPENVINO_MEMORY_WEIGHT_PARKING_H_
#define TARE_OPENVINO_MEMORY_WEIGHT_PARKING_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "openvino/memory/file_view.h"
#include "openvino/memory/memory_map.h"

namespace tare {

// The kind of memory behind a span of this process.
enum class MemoryKind {
  kAnonymous,   // private and writable; without a file, or in one of Tare's: the heap
  kFileBacked,  // private pages of another file
  kOther,       // shared, of a device, unreadable, mixed, or not mapped
};

// The kind of a span, from its mappings (MemoryMap::Of).
MemoryKind KindOfMemory(std::span<const Mapping> mappings);

// The whole pages within `bytes`.
std::span<std::byte> WholePages(std::span<std::byte> bytes);

// Whether any page of `bytes` is this process's own, in memory or in swap, and not an unchanged
// page of a file. Parked memory that was not written since has none. True if that is unknown.
bool HasOwnPages(std::span<const std::byte> bytes);

// Parks memory, that is, moves it to disk. Writes the whole pages of a span to an unlinked file and
// maps that file privately at the same addresses. Pointers stay valid and the bytes are the same,
// but the kernel can now drop the pages and bring them back without swap. Later writes belong to
// the process, as before, and are never lost. The file disappears with its last mapping.
//
// A write to the span during Park may be lost, so nothing else may write to it then. Afterwards it
// is ordinary memory: it may be written, freed and reused.
class WeightParking {
 public:
  // Creates a file in `folder` with room for `bytes`.
  //   Errors  Unsupported if the folder is in memory itself (tmpfs); OutOfMemory if less than 256
  //           MiB of the disk would stay free; Io.
  static Result<WeightParking> Open(const std::string& folder, uint64_t bytes);

  WeightParking(WeightParking&& other) noexcept
      : file_(std::exchange(other.file_, -1)), used_(other.used_) {}
  WeightParking& operator=(WeightParking&&) = delete;
  ~WeightParking();

  struct Parked {
    std::span<std::byte> pages;            // now in the file: the whole pages within `bytes`
    std::shared_ptr<const FileView> view;  // all of `bytes`, as they were
  };
  // Preconditions: kAnonymous, and at least one whole page. Errors: Io; Unsupported if files may
  // not be that large. The memory is then unchanged.
  Result<Parked> Park(std::span<std::byte> bytes);

 private:
  explicit WeightParking(int file) : file_(file) {}

  int file_;
  uint64_t used_ = 0;
};

// Drops the pages of a span that are backed by a file; reading brings them back. Pages written
// since stay (or go to swap), so nothing is lost. Needs Linux 5.4; on older kernels, and for files
// of another user, pages stay.
void DropPages(std::span<std::byte> bytes);

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_WEIGHT_PARKING_H_
