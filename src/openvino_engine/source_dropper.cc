#include "openvino_engine/source_dropper.h"

#include <chrono>
#include <utility>

namespace tare {
namespace {

// The plugin packs some 5 MiB in this time where huge pages are at hand.
constexpr std::chrono::milliseconds kPeriod{2};

}  // namespace

SourceDropper::SourceDropper(std::function<void()> drop)
    : drop_(std::move(drop)), thread_(&SourceDropper::Run, this) {}

SourceDropper::~SourceDropper() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  drop_();
}

void SourceDropper::Run() {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_) {
    lock.unlock();
    drop_();
    lock.lock();
    wake_.wait_for(lock, kPeriod, [this] { return stop_; });
  }
}

}  // namespace tare
