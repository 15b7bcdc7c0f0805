#ifndef TARE_BASE_MAPPED_FILE_H_
#define TARE_BASE_MAPPED_FILE_H_

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "base/error.h"

namespace tare {

// A whole file, mapped read-only and shared. Move-only. The destructor unmaps it, so no view of its
// bytes may outlive it. If another process truncates the file, an access raises SIGBUS.
class MappedFile {
 public:
  // An empty file gives an empty span. Errors: Io (missing, unreadable, not a regular file).
  static Result<MappedFile> Open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  // Gives the whole pages within `range` back to the kernel; the next access reads them again.
  // Precondition: range lies within bytes().
  void Drop(std::span<const std::byte> range) const;

  // Whether `range` lies within bytes().
  bool Contains(std::span<const std::byte> range) const {
    return !std::less<>()(range.data(), data_) &&
           !std::less<>()(data_ + size_, range.data() + range.size());
  }

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::string& path() const { return path_; }

 private:
  MappedFile(std::string path, const std::byte* data, size_t size)
      : path_(std::move(path)), data_(data), size_(size) {}

  std::string path_;
  const std::byte* data_ = nullptr;
  size_t size_ = 0;
};

// Gives the whole pages within `range` back to the kernel; the next access reads them again.
// `range` is part of a mapped file that nothing writes to.
void DropMappedPages(std::span<const std::byte> range);

// Announces scattered reads of `range`, part of a mapped file: the kernel then reads a missing page
// alone, without its neighbours.
void ExpectScatteredReads(std::span<const std::byte> range);

// Maps all pages of `range`, part of a mapped file, at once, so that reads cause no page faults.
// Only a hint: before Linux 5.14 it does nothing.
void PopulatePages(std::span<const std::byte> range);

}  // namespace tare

#endif  // TARE_BASE_MAPPED_FILE_H_
