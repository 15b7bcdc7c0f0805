#ifndef TARE_HEAP_PAGE_DROPPER_H_
#define TARE_HEAP_PAGE_DROPPER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace tare {

// While it lives, a thread calls `drop` every `period`, as somebody reads once through what that
// drops; it is called a last time at the end. The thread ends by itself after `most`. Where no
// thread can be started, that last call is the only one.
class PageDropper {
 public:
  // drop is called by one thread at a time.
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
