#include "bench/watch/bandwidth.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <vector>

#include "base/aligned_buffer.h"
#include "base/thread_pool.h"
#include "os/clock.h"
#include "os/scoped_fd.h"

namespace tare {
namespace {

constexpr uint64_t kLeastBytes = uint64_t{16} << 20;
constexpr int kPasses = 8;
constexpr size_t kCacheLine = 64;
constexpr size_t kWordsPerLine = kCacheLine / sizeof(uint64_t);

// Reads one word per cache line: the whole line comes from memory, and the addition is free.
uint64_t SumLines(const uint64_t* words, size_t count) {
  std::array<uint64_t, 8> sums = {};
  const size_t step = 8 * kWordsPerLine;
  for (size_t i = 0; i + step <= count; i += step) {
    for (size_t lane = 0; lane < 8; ++lane) sums[lane] += words[i + lane * kWordsPerLine];
  }
  uint64_t total = 0;
  for (const uint64_t sum : sums) total += sum;
  return total;
}

// Bytes per second; 0 if the buffer cannot be allocated.
uint64_t Measure(size_t threads, uint64_t bytes) {
  const Result<AlignedBuffer> buffer = AlignedBuffer::Allocate(bytes);
  if (!buffer.ok()) return 0;
  ThreadPool pool(threads);
  const size_t words = bytes / sizeof(uint64_t);
  std::vector<uint64_t> sums(pool.thread_count());
  uint64_t best_ns = UINT64_MAX;
  pool.Run([&](ThreadSlice slice) {
    const IndexRange range = SplitRange(words, kCacheLine, slice);
    std::memset(buffer->as<uint64_t>() + range.begin, 1,
                (range.end - range.begin) * sizeof(uint64_t));
  });
  for (int pass = 0; pass < kPasses; ++pass) {
    const uint64_t start_ns = MonotonicNs();
    pool.Run([&](ThreadSlice slice) {
      const IndexRange range = SplitRange(words, kCacheLine, slice);
      sums[slice.index] +=
          SumLines(buffer->as<const uint64_t>() + range.begin, range.end - range.begin);
    });
    best_ns = std::min(best_ns, MonotonicNs() - start_ns);
  }
  uint64_t checksum = 0;
  for (const uint64_t sum : sums) checksum += sum;
  if (checksum == 0) return 0;  // never true; keeps the compiler from removing the reads
  return static_cast<uint64_t>(static_cast<double>(bytes) * 1e9 / static_cast<double>(best_ns));
}

}  // namespace

uint64_t RunReadBytes() {
  const long cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return std::clamp(4 * static_cast<uint64_t>(std::max(cache, 0L)), uint64_t{128} << 20,
                    kSessionReadBytes);
}

Result<uint64_t> MeasureReadBandwidth(size_t threads, uint64_t available_bytes,
                                      uint64_t wanted_bytes) {
  const uint64_t bytes = std::min(wanted_bytes, available_bytes / 4) / kCacheLine * kCacheLine;
  if (bytes < kLeastBytes) {
    return OutOfMemory("{} bytes of memory are too few to measure memory bandwidth",
                       available_bytes);
  }
  std::array<int, 2> fds;
  if (pipe(fds.data()) != 0) return ErrnoError(errno, "cannot make a pipe");
  const ScopedFd read_end(fds[0]);
  ScopedFd write_end(fds[1]);
  const pid_t child = fork();
  if (child < 0) return ErrnoError(errno, "cannot fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    uint64_t rate = 0;
    try {
      rate = Measure(threads, bytes);
    } catch (const std::exception&) {
      // Report no rate. The child must not continue as a copy of the parent.
    }
    [[maybe_unused]] const ssize_t put = write(write_end.get(), &rate, sizeof(rate));
    _exit(0);
  }
  write_end.Close();
  uint64_t rate = 0;
  ssize_t got;
  do {
    got = read(read_end.get(), &rate, sizeof(rate));
  } while (got < 0 && errno == EINTR);
  while (waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
  }
  if (got != static_cast<ssize_t>(sizeof(rate)) || rate == 0) {
    return IoError("the process that measures read bandwidth ended without a figure");
  }
  return rate;
}

}  // namespace tare
