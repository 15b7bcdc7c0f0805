#include "openvino/memory/weight_parking.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/check.h"

#ifndef MADV_PAGEOUT
#define MADV_PAGEOUT 21
#endif

namespace tare {
namespace {

constexpr uint64_t kDiskReserveBytes = uint64_t{256} << 20;
constexpr uint64_t kStretchBytes = uint64_t{2} << 20;

uintptr_t PageBytes() { return static_cast<uintptr_t>(sysconf(_SC_PAGESIZE)); }

MemoryKind KindOf(const Mapping& mapping) {
  const std::string& permissions = mapping.permissions;
  const std::string& name = mapping.name;
  if (permissions[0] != 'r' || permissions[3] != 'p') return MemoryKind::kOther;
  // Parked memory that was freed and is in use again may be parked again.
  const bool parked = name.find("/tare-parked-") != name.npos;
  if (mapping.inode != 0 && !parked) {
    return name.starts_with("/dev/") ? MemoryKind::kOther : MemoryKind::kFileBacked;
  }
  const bool plain = parked || name.empty() || name == "[heap]" || name.starts_with("[anon:");
  return plain && permissions[1] == 'w' ? MemoryKind::kAnonymous : MemoryKind::kOther;
}

bool IsInMemory(long type) { return type == TMPFS_MAGIC || type == static_cast<long>(RAMFS_MAGIC); }

Status CheckFolder(const std::string& folder, uint64_t bytes) {
  struct statfs type;
  struct statvfs room;
  if (statfs(folder.c_str(), &type) != 0 || statvfs(folder.c_str(), &room) != 0) {
    return ErrnoError(errno, folder);
  }
  if (IsInMemory(type.f_type)) {
    return Unsupported("{}: is in memory itself (tmpfs); name a folder on a disk with --park-dir",
                       folder);
  }
  const uint64_t available = uint64_t{room.f_bavail} * room.f_frsize;
  if (available < bytes || available - bytes < kDiskReserveBytes) {
    return OutOfMemory(
        "{}: has {} bytes free, expected {} and {} in reserve; name another folder with --park-dir",
        folder, available, bytes, kDiskReserveBytes);
  }
  return {};
}

Status WriteAt(int file, uint64_t offset, std::span<const std::byte> bytes) {
  // A write beyond the limit would end the program with a signal.
  rlimit limit;
  if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur < offset + bytes.size()) {
    return Unsupported("files may not be larger than {} bytes (ulimit -f), expected {}",
                       limit.rlim_cur, offset + bytes.size());
  }
  // Reserve space first: a page without disk space could not be written back later.
  if (fallocate(file, 0, static_cast<off_t>(offset), static_cast<off_t>(bytes.size())) != 0) {
    return ErrnoError(errno, "reserving disk space for weights");
  }
  while (!bytes.empty()) {
    const ssize_t written = pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return ErrnoError(written < 0 ? errno : EIO, "writing weights to disk");
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += static_cast<uint64_t>(written);
  }
  return {};
}

}  // namespace

MemoryKind KindOfMemory(std::span<const Mapping> mappings) {
  if (mappings.empty()) return MemoryKind::kOther;
  const MemoryKind kind = KindOf(mappings.front());
  const bool same =
      std::ranges::all_of(mappings, [&](const Mapping& m) { return KindOf(m) == kind; });
  return same ? kind : MemoryKind::kOther;
}

std::span<std::byte> WholePages(std::span<std::byte> bytes) {
  const uintptr_t page = PageBytes();
  const auto begin = reinterpret_cast<uintptr_t>(bytes.data());
  const uintptr_t first = (begin + page - 1) / page * page;
  const uintptr_t last = (begin + bytes.size()) / page * page;
  if (first >= last) return {};
  return {bytes.data() + (first - begin), last - first};
}

bool HasOwnPages(std::span<const std::byte> bytes) {
  // Bits of an entry in /proc/self/pagemap.
  constexpr uint64_t kPresent = uint64_t{1} << 63, kSwapped = uint64_t{1} << 62,
                     kOfFile = uint64_t{1} << 61;
  const int pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (pagemap < 0) return true;
  const uintptr_t first = reinterpret_cast<uintptr_t>(bytes.data()) / PageBytes();
  const uintptr_t end =
      (reinterpret_cast<uintptr_t>(bytes.data()) + bytes.size() + PageBytes() - 1) / PageBytes();
  std::vector<uint64_t> entries(end - first);
  const size_t wanted = entries.size() * sizeof(uint64_t);
  const ssize_t got =
      pread(pagemap, entries.data(), wanted, static_cast<off_t>(first * sizeof(uint64_t)));
  close(pagemap);
  if (got != static_cast<ssize_t>(wanted)) return true;
  return std::any_of(entries.begin(), entries.end(), [&](uint64_t entry) {
    return (entry & kSwapped) != 0 || ((entry & kPresent) != 0 && (entry & kOfFile) == 0);
  });
}

Result<WeightParking> WeightParking::Open(const std::string& folder, uint64_t bytes) {
  TARE_RETURN_IF_ERROR(CheckFolder(folder, bytes));
  std::string path = folder + "/tare-parked-XXXXXX";
  const int file = mkostemp(path.data(), O_CLOEXEC);
  if (file < 0) return ErrnoError(errno, path);
  unlink(path.c_str());
  return WeightParking(file);
}

WeightParking::~WeightParking() {
  if (file_ >= 0) close(file_);
}

Result<WeightParking::Parked> WeightParking::Park(std::span<std::byte> bytes) {
  const std::span<std::byte> pages = WholePages(bytes);
  TARE_CHECK(!pages.empty());
  // Use the same offset within 2 MiB as in memory: the kernel stores files in large pieces, and
  // drops a piece only if one page table maps all of it. Skipped parts of the file take no space.
  const uint64_t place = reinterpret_cast<uintptr_t>(bytes.data()) % kStretchBytes;
  const uint64_t offset = (used_ + kStretchBytes - 1) / kStretchBytes * kStretchBytes + place;
  used_ = offset + bytes.size();
  TARE_RETURN_IF_ERROR(WriteAt(file_, offset, bytes));
  TARE_ASSIGN_OR_RETURN(auto view, FileView::At(file_, offset, bytes.size()));
  const auto skipped = static_cast<uint64_t>(pages.data() - bytes.data());
  void* mapped = mmap(pages.data(), pages.size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
                      file_, static_cast<off_t>(offset + skipped));
  if (mapped == MAP_FAILED) return ErrnoError(errno, "mapping weights from disk");
  return Parked{pages, std::move(view)};
}

void DropPages(std::span<std::byte> bytes) {
  const std::span<std::byte> pages = WholePages(bytes);
  if (!pages.empty()) (void)madvise(pages.data(), pages.size(), MADV_PAGEOUT);
}

}  // namespace tare
