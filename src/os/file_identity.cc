#include "os/file_identity.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "os/scoped_fd.h"

namespace tare {
namespace {

constexpr uint64_t kEdgeBytes = uint64_t{64} << 10;
constexpr uint64_t kBlockBytes = 4096;
constexpr uint64_t kBlocks = 64;

}  // namespace

Result<std::string> SampledFileId(const std::string& path) {
  const ScopedFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat file = {};
  if (!fd.valid() || fstat(fd.get(), &file) != 0) {
    return ErrnoError(errno, fmt::format("cannot open {}", path));
  }
  const uint64_t size = static_cast<uint64_t>(file.st_size);
  uint64_t state = Fnv1a64(std::to_string(size));
  std::string block;
  const auto add = [&](uint64_t offset, uint64_t bytes) -> Status {
    block.resize(std::min(bytes, size - std::min(offset, size)));
    const ssize_t got = pread(fd.get(), block.data(), block.size(), static_cast<off_t>(offset));
    if (got != static_cast<ssize_t>(block.size())) {
      return ErrnoError(got < 0 ? errno : EIO, fmt::format("cannot read {}", path));
    }
    state = Fnv1a64(block, state);
    return {};
  };
  TARE_RETURN_IF_ERROR(add(0, kEdgeBytes));
  for (uint64_t i = 0; i < kBlocks; ++i) {
    TARE_RETURN_IF_ERROR(add(size / kBlocks * i, kBlockBytes));
  }
  TARE_RETURN_IF_ERROR(add(size - std::min(size, kEdgeBytes), kEdgeBytes));
  return fmt::format("sampled-fnv1a64:{}:{:016x}", size, state);
}

}  // namespace tare
