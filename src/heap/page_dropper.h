#ifndef TARE_HEAP_PAGE_DROPPER_H_
#define TARE_HEAP_PAGE_DROPPER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace tare {

// Calls `drop` every `period` from a thread, while other code reads once through the pages that
// `drop` drops, and a last time in the destructor. The thread ends by itself after `most`. If no
// thread can be started, only the last call happens.
class PageDropper {
 public:
  // Only one thread at a time calls `drop`.
  PageDropper(std::function<void()> drop, std::chrono::milliseconds period,
              std::optional<std::chrono::milliseconds> most = std::nullopt);
  PageDropper(const PageDropper&) = delete;
  PageDropper& operator=(const PageDropper&) = delete;
  ~PageDropper();

 private:
  void Run(std::chrono::milliseconds period, std::optional<std::chrono::milliseconds> most);

  const std::function<void()> drop_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace tare

#endif  // TARE_HEAP_PAGE_DROPPER_H_
