#include "base/page_dropper.h"

#include <utility>

namespace tare {

PageDropper::PageDropper(std::function<void()> drop, std::chrono::milliseconds period,
                         std::optional<std::chrono::milliseconds> most)
    : drop_(std::move(drop)), thread_(&PageDropper::Run, this, period, most) {}

PageDropper::~PageDropper() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
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
