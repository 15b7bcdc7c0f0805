#ifndef TARE_HEAP_HUGE_PACE_H_
#define TARE_HEAP_HUGE_PACE_H_

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace tare {

inline constexpr size_t kHugePageBytes = size_t{2} << 20;

enum class HugePace {
  // Until two in a row took longer than their 512 small pages may: the kernel has to make room, or
  // the machine is a guest that had given its free memory back to the host.
  kWhileQuick,
  kAny,
};

// Says when huge pages are asked for no more, from what touching them took. Allocates nothing, so
// that an allocator can be made of it. Thread-safe.
class HugePaceKeeper {
 public:
  // Forgets what was slow.
  void Begin(HugePace pace) {
    pace_.store(pace, std::memory_order_relaxed);
    slow_in_a_row_.store(0, std::memory_order_relaxed);
  }

  bool ComeTooSlowly() const {
    return pace_.load(std::memory_order_relaxed) == HugePace::kWhileQuick &&
           slow_in_a_row_.load(std::memory_order_relaxed) >= kTooManySlow;
  }

  // Calls ask(offset, bytes) for a block's first huge pages one by one, each followed by
  // touch(offset), which returns the nanoseconds that it took; then ask once for all the others.
  // `bytes` is a multiple of kHugePageBytes. Ends as soon as they come too slowly.
  template <typename Ask, typename Touch>
  void AskInTurn(size_t bytes, Ask ask, Touch touch) {
    const size_t tried = std::min(bytes, kTooManySlow * kHugePageBytes);
    // What was asked for can hardly be taken back: the rest waits until these have come.
    for (size_t at = 0; at < tried && !ComeTooSlowly(); at += kHugePageBytes) {
      ask(at, kHugePageBytes);
      Count(touch(at));
    }
    if (tried < bytes && !ComeTooSlowly()) ask(tried, bytes - tried);
  }

 private:
  // Small pages of 2 MiB take 0.1 to 0.7 ms, a huge page that is at hand 0.1.
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
