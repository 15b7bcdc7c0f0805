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

// What a span of this process's memory is made of.
enum class MemoryKind {
  kAnonymous,   // private, readable and writable, in no file or a parking one: the heap
  kFileBacked,  // private pages of any other file
  kOther,       // shared, a device's, not readable, a mixture, or not mapped
};

// Of a span, by what it lies in (MemoryMap::Of).
MemoryKind KindOfMemory(std::span<const Mapping> mappings);

// The pages that lie in `bytes` entirely.
std::span<std::byte> WholePages(std::span<std::byte> bytes);

// Whether any page of `bytes` is this process's own, in memory or in swap, and not one of a file as
// the file has it. What was parked and not written since has none. True where it cannot be told.
bool HasOwnPages(std::span<const std::byte> bytes);

// Parks memory: the whole pages of a span are written to an unlinked file, and the file is mapped,
// privately, over the very addresses. Pointers stay good and the bytes are the same, but now the
// kernel can take the pages away and bring them back, without swap. What is written afterwards is
// the process's own, as before, and is never lost. The file goes when the last such mapping does.
//
// What is written to a span while it is being parked may be lost: nobody else may write to it
// during Park. Afterwards it is ordinary memory: it may be written, freed, and used again.
class WeightParking {
 public:
  // A file in `folder` with room for `bytes`.
  //   Errors  Unsupported where the folder is in memory itself (tmpfs); OutOfMemory where the disk
  //           would be left with less than 256 MiB; Io.
  static Result<WeightParking> Open(const std::string& folder, uint64_t bytes);

  WeightParking(WeightParking&& other) noexcept
      : file_(std::exchange(other.file_, -1)), used_(other.used_) {}
  WeightParking& operator=(WeightParking&&) = delete;
  ~WeightParking();

  struct Parked {
    std::span<std::byte> pages;            // now in the file: those that lie in `bytes` entirely
    std::shared_ptr<const FileView> view;  // of all of `bytes`, as they were
  };
  // Preconditions: kAnonymous, and at least one whole page.   Errors: Io, or Unsupported where
  // files may not get that large; the memory is then as it was.
  Result<Parked> Park(std::span<std::byte> bytes);

 private:
  explicit WeightParking(int file) : file_(file) {}

  int file_;
  uint64_t used_ = 0;
};

// Takes the pages of a span away, where they lie in a file; they come back when they are read.
// Pages that were written since stay (or go to swap): nothing is lost. Needs Linux 5.4; before, or
// where the file is somebody else's, pages stay.
void DropPages(std::span<std::byte> bytes);

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_WEIGHT_PARKING_H_
