#include "heap/huge_allocations.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <cerrno>

#include "heap/c_library_malloc.h"

// A sanitizer's allocator must keep precedence. Clang's is in the program itself, and this one
// would replace it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TARE_KEEP_POSIX_MEMALIGN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || \
    __has_feature(memory_sanitizer)
#define TARE_KEEP_POSIX_MEMALIGN
#endif
#endif

namespace tare {
namespace {

std::atomic<int> g_asking{0};
constinit HugePaceKeeper g_pace;
std::atomic<uint64_t> g_asked_bytes{0};

}  // namespace

void BeginHugeAllocations(HugePace pace) {
  g_pace.Begin(pace);
  g_asking.fetch_add(1, std::memory_order_relaxed);
}

void EndHugeAllocations() { g_asking.fetch_sub(1, std::memory_order_relaxed); }

uint64_t HugeAllocationBytes() { return g_asked_bytes.load(std::memory_order_relaxed); }

#ifdef TARE_KEEP_POSIX_MEMALIGN

bool CanAskForHugePages() { return false; }

}  // namespace tare

#else

bool CanAskForHugePages() { return MallocIsTheCLibrarys(); }

namespace {

using PosixMemalign = int (*)(void**, size_t, size_t);

std::atomic<PosixMemalign> g_next{nullptr};

// Calls the C library's posix_memalign, or another preloaded one.
int Next(void** memory, size_t alignment, size_t bytes) {
  PosixMemalign next = g_next.load(std::memory_order_relaxed);
  if (next == nullptr) {
    next = reinterpret_cast<PosixMemalign>(dlsym(RTLD_NEXT, "posix_memalign"));
    if (next == nullptr) return ENOMEM;
    g_next.store(next, std::memory_order_relaxed);
  }
  return next(memory, alignment, bytes);
}

void Ask(char* pages, size_t bytes) {
  if (madvise(pages, bytes, MADV_HUGEPAGE) != 0) return;
  g_asked_bytes.fetch_add(bytes, std::memory_order_relaxed);
}

int64_t NowNs() {
  timespec now = {};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

// The contents of a new block are undefined, so writing to it is safe.
int64_t TouchNs(char* page) {
  const int64_t begin = NowNs();
  *static_cast<volatile char*>(page) = 0;
  return NowNs() - begin;
}

void AskForHugePages(char* block, size_t bytes) {
  const int error = errno;  // posix_memalign leaves it alone
  g_pace.AskInTurn(
      bytes / kHugePageBytes * kHugePageBytes,
      [block](size_t at, size_t asked) { Ask(block + at, asked); },
      [block](size_t at) { return TouchNs(block + at); });
  errno = error;
}

// As POSIX requires; the C library rejects other values.
bool IsAlignment(size_t bytes) { return bytes >= sizeof(void*) && (bytes & (bytes - 1)) == 0; }

}  // namespace
}  // namespace tare

extern "C" __attribute__((visibility("default"))) int posix_memalign(void** memory,
                                                                     size_t alignment,
                                                                     size_t bytes) noexcept {
  if (tare::g_asking.load(std::memory_order_relaxed) == 0 || bytes < tare::kHugePageBytes ||
      !tare::IsAlignment(alignment) || tare::g_pace.ComeTooSlowly() ||
      !tare::CanAskForHugePages()) {
    return tare::Next(memory, alignment, bytes);
  }
  // More address space is needed for it than there may be.
  if (tare::Next(memory, std::max(alignment, tare::kHugePageBytes), bytes) != 0) {
    return tare::Next(memory, alignment, bytes);
  }
  tare::AskForHugePages(static_cast<char*>(*memory), bytes);
  return 0;
}

#endif
