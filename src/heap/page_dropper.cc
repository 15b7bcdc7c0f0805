#include "heap/page_dropper.h"

#include <exception>
#include <utility>

namespace tare {

PageDropper::PageDropper(std::function<void()> drop, std::chrono::milliseconds period,
                         std::optional<std::chrono::milliseconds> most)
    : drop_(std::move(drop)) {
  try {
    thread_ = std::thread(&PageDropper::Run, this, period, most);
  } catch (const std::exception&) {
    // No more threads may start: all is dropped at the end, which costs memory until then.
  }
}

PageDropper::~PageDropper() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
  drop_();
}

void PageDropper::Run(std::chrono::milliseconds period,
                      std::optional<std::chrono::milliseconds> most) {
  const auto begin = std::chrono::steady_clock::now();
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_ && (!most || std::chrono::steady_clock::now() - begin < *most)) {
    lock.unlock();
    drop_();
    lock.lock();
    wake_.wait_for(lock, period, [this] { return stop_; });
  }
}

}  // namespace tare
