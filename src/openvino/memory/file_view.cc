#include "openvino/memory/file_view.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "openvino/memory/weight_parking.h"

namespace tare {
namespace {

// Tries the kernel's own link first. It also works for files without a name but needs privileges.
Result<int> Open(const Mapping& mapping) {
  const std::string link = fmt::format("/proc/self/map_files/{:x}-{:x}", mapping.low, mapping.high);
  for (const std::string& path : {link, mapping.name}) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) continue;
    struct stat status;
    if (fstat(file, &status) == 0 && status.st_ino == mapping.inode &&
        major(status.st_dev) == mapping.major && minor(status.st_dev) == mapping.minor) {
      return file;
    }
    close(file);
  }
  return Unsupported("{}: the mapped file cannot be opened again under this name", mapping.name);
}

}  // namespace

Result<std::shared_ptr<const FileView>> FileView::At(int file, uint64_t offset, size_t count) {
  const size_t skipped = offset % static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  const size_t length = skipped + count;
  void* pages =
      mmap(nullptr, length, PROT_READ, MAP_SHARED, file, static_cast<off_t>(offset - skipped));
  if (pages == MAP_FAILED) return ErrnoError(errno, "mapping the weights' file a second time");
  return std::shared_ptr<const FileView>(
      new FileView({static_cast<std::byte*>(pages), length}, skipped, count));
}

Result<std::shared_ptr<const FileView>> FileView::Of(const MemoryMap& map,
                                                     std::span<const std::byte> bytes) {
  const std::span<const Mapping> mappings = map.Of(bytes);
  if (mappings.size() != 1 || mappings[0].inode == 0 || mappings[0].permissions[3] != 'p') {
    return Unsupported("{} bytes at {} are not in one private mapping of a file", bytes.size(),
                       static_cast<const void*>(bytes.data()));
  }
  const Mapping& mapping = mappings[0];
  if (HasOwnPages(bytes))
    return Unsupported("{}: the program has written to its pages", mapping.name);
  TARE_ASSIGN_OR_RETURN(const int file, Open(mapping));
  const uint64_t offset =
      mapping.offset + (reinterpret_cast<uintptr_t>(bytes.data()) - mapping.low);
  Result<std::shared_ptr<const FileView>> view = At(file, offset, bytes.size());
  close(file);
  return view;
}

FileView::~FileView() { munmap(pages_.data(), pages_.size()); }

void FileView::DropPages() const { (void)madvise(pages_.data(), pages_.size(), MADV_DONTNEED); }

}  // namespace tare
