#ifndef TARE_BASE_THREAD_POOL_H_
#define TARE_BASE_THREAD_POOL_H_

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace tare {

// A thread's share of a parallel region: thread `index` of `count`.
struct ThreadSlice {
  size_t index = 0;
  size_t count = 1;
};

struct IndexRange {
  size_t begin = 0;
  size_t end = 0;
};

// Splits [0, total) into slice.count consecutive ranges and returns the one for slice.index, which
// may be empty. All edges except the last are multiples of `grain`.
IndexRange SplitRange(size_t total, size_t grain, ThreadSlice slice);

// Persistent threads that run one function together. Idle threads spin briefly, then sleep.
class ThreadPool {
 public:
  // thread_count >= 1 includes the calling thread, so a pool of 1 starts no thread. If the system
  // refuses more threads (a process limit, no memory for a stack), the pool has fewer, at least the
  // calling one.
  explicit ThreadPool(size_t thread_count);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  size_t thread_count() const { return thread_count_; }
  // Why there are fewer threads than requested; empty if there are not.
  const std::string& shortage() const { return shortage_; }

  // Calls body(slice) once on each thread, the caller included, and returns when all have finished.
  // Only one Run at a time; body must not throw and must not call Run.
  void Run(const std::function<void(ThreadSlice)>& body);

  // Inside Run: waits until every thread has arrived. Writes before it are visible to all threads
  // after it. Every thread must call it equally often.
  void Barrier();

 private:
  void WorkerLoop(size_t index);

  size_t thread_count_;  // set before the first region, then constant
  std::string shortage_;
  std::vector<std::thread> workers_;
  const std::function<void(ThreadSlice)>* body_ = nullptr;
  alignas(64) std::atomic<uint32_t> region_{0};
  alignas(64) std::atomic<uint32_t> barrier_arrived_{0};
  alignas(64) std::atomic<uint32_t> barrier_phase_{0};
  alignas(64) std::atomic<bool> stop_{false};
};

}  // namespace tare

#endif  // TARE_BASE_THREAD_POOL_H_
