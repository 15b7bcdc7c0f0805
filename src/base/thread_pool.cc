#include "base/thread_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "base/check.h"

namespace tare {
namespace {

// About 20 µs of spinning: longer than the gaps between the steps of a forward pass, far shorter
// than what a person or another process would notice.
constexpr int kSpins = 2000;

void Pause() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#endif
}

// Returns once `word` no longer holds `old`.
void WaitWhileEqual(const std::atomic<uint32_t>& word, uint32_t old) {
  for (int spin = 0; spin < kSpins; ++spin) {
    if (word.load(std::memory_order_acquire) != old) return;
    Pause();
  }
  while (word.load(std::memory_order_acquire) == old) word.wait(old, std::memory_order_acquire);
}

// noexcept: an exception ends the program, because the other threads would wait at the next barrier
// forever.
void Call(const std::function<void(ThreadSlice)>& body, ThreadSlice slice) noexcept { body(slice); }

}  // namespace

IndexRange SplitRange(size_t total, size_t grain, ThreadSlice slice) {
  TARE_CHECK_LT(slice.index, slice.count);
  TARE_CHECK_LT(size_t{0}, grain);
  const size_t grains = total / grain + (total % grain != 0 ? 1 : 0);
  const size_t base = grains / slice.count;
  const size_t extra = grains % slice.count;
  const size_t first = slice.index * base + std::min(slice.index, extra);
  const size_t last = first + base + (slice.index < extra ? 1 : 0);
  return {std::min(total, first * grain), std::min(total, last * grain)};
}

ThreadPool::ThreadPool(size_t thread_count) : thread_count_(std::max<size_t>(1, thread_count)) {
  try {
    workers_.reserve(thread_count_ - 1);
    for (size_t i = 1; i < thread_count_; ++i) workers_.emplace_back([this, i] { WorkerLoop(i); });
  } catch (
      const std::exception& error) {  // std::thread throws; no thread of ours has begun to work
    shortage_ = fmt::format("started {} of {} threads: {}", workers_.size() + 1, thread_count_,
                            error.what());
    thread_count_ = workers_.size() + 1;
  }
}

ThreadPool::~ThreadPool() {
  stop_.store(true, std::memory_order_release);
  region_.fetch_add(1, std::memory_order_release);
  region_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::WorkerLoop(size_t index) {
  uint32_t seen = 0;
  while (true) {
    WaitWhileEqual(region_, seen);
    ++seen;  // Regions follow one by one: the next starts only after all threads passed its
             // barrier.
    if (stop_.load(std::memory_order_acquire)) return;
    Call(*body_, {index, thread_count_});
    Barrier();
  }
}

void ThreadPool::Run(const std::function<void(ThreadSlice)>& body) {
  if (thread_count_ == 1) {
    body({0, 1});
    return;
  }
  body_ = &body;
  region_.fetch_add(1, std::memory_order_release);
  region_.notify_all();
  Call(body, {0, thread_count_});
  Barrier();
  body_ = nullptr;
}

void ThreadPool::Barrier() {
  if (thread_count_ == 1) return;
  const uint32_t phase = barrier_phase_.load(std::memory_order_acquire);
  if (barrier_arrived_.fetch_add(1, std::memory_order_acq_rel) + 1 == thread_count_) {
    barrier_arrived_.store(0, std::memory_order_relaxed);
    barrier_phase_.fetch_add(1, std::memory_order_release);
    barrier_phase_.notify_all();
  } else {
    WaitWhileEqual(barrier_phase_, phase);
  }
}

}  // namespace tare
