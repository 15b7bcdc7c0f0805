#include "openvino/page_dropper.h"

#include <utility>

namespace tare {
namespace {

// A plugin packs some 10 MiB in this time.
constexpr std::chrono::milliseconds kPeriod{10};

}  // namespace

PageDropper::PageDropper(std::function<void()> drop, std::chrono::milliseconds most)
    : drop_(std::move(drop)), thread_(&PageDropper::Run, this, most) {}

PageDropper::~PageDropper() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  drop_();
}

void PageDropper::Run(std::chrono::milliseconds most) {
  const auto end = std::chrono::steady_clock::now() + most;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_ && std::chrono::steady_clock::now() < end) {
    lock.unlock();
    drop_();
    lock.lock();
    wake_.wait_for(lock, kPeriod, [this] { return stop_; });
  }
}

}  // namespace tare
