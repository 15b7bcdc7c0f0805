#ifndef TARE_HEAP_HUGE_PACE_H_
#define TARE_HEAP_HUGE_PACE_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tare {

inline constexpr size_t kHugePageBytes = size_t{2} << 20;

enum class HugePace {
  // Until two huge pages in a row took longer than their 512 small pages would. The kernel then has
  // to make room, or the machine is a guest that gave its free memory back to the host.
  kWhileQuick,
  kAny,
};

// Decides when to stop requesting huge pages, from the time that touching them took. Allocates
// nothing, so that an allocator can use it. Thread-safe.
class HugePaceKeeper {
 public:
  // Forgets earlier slow pages.
  void Begin(HugePace pace) {
    pace_.store(pace, std::memory_order_relaxed);
    slow_in_a_row_.store(0, std::memory_order_relaxed);
  }

  bool ComeTooSlowly() const {
    return pace_.load(std::memory_order_relaxed) == HugePace::kWhileQuick &&
           slow_in_a_row_.load(std::memory_order_relaxed) >= kTooManySlow;
  }

  // Calls ask(offset, bytes) for a block's first huge pages one by one, each followed by
  // touch(offset), which returns how long it took in ns; then ask once for all the others. `bytes`
  // is a multiple of kHugePageBytes. Stops as soon as pages come too slowly.
  template <typename Ask, typename Touch>
  void AskInTurn(size_t bytes, Ask ask, Touch touch) {
    const size_t tried = std::min(bytes, kTooManySlow * kHugePageBytes);
    // A request can hardly be taken back, so the rest waits for these pages.
    for (size_t at = 0; at < tried && !ComeTooSlowly(); at += kHugePageBytes) {
      ask(at, kHugePageBytes);
      Count(touch(at));
    }
    if (tried < bytes && !ComeTooSlowly()) ask(tried, bytes - tried);
  }

 private:
  // 2 MiB of small pages take 0.1 to 0.7 ms; an available huge page takes 0.1.
  static constexpr int64_t kQuickNs = 1'000'000;
  static constexpr int kTooManySlow = 2;

  void Count(int64_t ns) {
    if (ns < kQuickNs) {
      slow_in_a_row_.store(0, std::memory_order_relaxed);
    } else {
      slow_in_a_row_.fetch_add(1, std::memory_order_relaxed);
    }
  }

  std::atomic<int> slow_in_a_row_{0};
  std::atomic<HugePace> pace_{HugePace::kWhileQuick};
};

}  // namespace tare

#endif  // TARE_HEAP_HUGE_PACE_H_
