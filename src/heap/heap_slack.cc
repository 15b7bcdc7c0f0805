#include "heap/heap_slack.h"

#include <malloc.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>

namespace tare {
namespace {

// Pages in memory that no file has.
uint64_t OwnBytes() {
  std::FILE* file = std::fopen("/proc/self/statm", "re");
  if (file == nullptr) return 0;
  uint64_t resident = 0, shared = 0;
  const int found = std::fscanf(file, "%*u %" SCNu64 " %" SCNu64, &resident, &shared);
  std::fclose(file);
  if (found != 2 || resident < shared) return 0;
  return (resident - shared) * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

// The limits of the C library's own adjustment: DEFAULT_MMAP_THRESHOLD_MAX, and twice that.
constexpr int kMostMapThreshold = 32 << 20;
constexpr int kLeastMapThreshold = 1 << 20;

void SetThresholds(int bytes) {
  mallopt(M_MMAP_THRESHOLD, bytes);
  mallopt(M_TRIM_THRESHOLD, 2 * bytes);
}

}  // namespace

uint64_t ReturnHeapSlack() {
  const uint64_t before = OwnBytes();
  malloc_trim(0);
  const uint64_t after = OwnBytes();
  return before > after ? before - after : 0;
}

void KeepNoHeapSlack() { SetThresholds(kLeastMapThreshold); }

void KeepHeapSlack() { SetThresholds(kMostMapThreshold); }

}  // namespace tare
