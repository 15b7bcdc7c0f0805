#ifndef TARE_BASE_MAPPED_FILE_H_
#define TARE_BASE_MAPPED_FILE_H_

#include <cstddef>
#include <functional>
#include <span>
#include <string>

#include "base/error.h"

namespace tare {

// A whole file, mapped read-only and shared. Move-only; unmapped by the destructor, so every view
// of its bytes must die first. A file that is truncated by someone while mapped raises SIGBUS on
// access.
class MappedFile {
 public:
  // Errors: Io (missing, unreadable, a directory or another non-regular file); an empty file maps
  // to an empty span.
  static Result<MappedFile> Open(const std::string& path);

  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  // Gives the whole pages within `range` back to the kernel; they are read again when they are next
  // touched. Precondition: range lies within bytes().
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

// Gives the whole pages within `range`, part of a mapped file that nobody writes to, back to the
// kernel; they are read again when they are next touched.
void DropMappedPages(std::span<const std::byte> range);

// Of `range`, part of a mapped file, single places are read from here on: a page that is not in
// memory is read alone, without its neighbours.
void ExpectScatteredReads(std::span<const std::byte> range);

// Maps the pages of `range`, part of a mapped file, so that reading them does not fault a few at a
// time. A hint: where the kernel cannot (before Linux 5.14), reading maps them.
void PopulatePages(std::span<const std::byte> range);

}  // namespace tare

#endif  // TARE_BASE_MAPPED_FILE_H_
