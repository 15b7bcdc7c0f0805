#include "openvino/page_dropper.h"

#include <utility>

#include "openvino/weight_parking.h"

namespace tare {
namespace {

// A plugin packs some 10 MiB in this time.
constexpr std::chrono::milliseconds kPeriod{10};

}  // namespace

PageDropper::PageDropper(std::vector<std::span<std::byte>> spans, std::chrono::milliseconds most)
    : spans_(std::move(spans)), thread_(&PageDropper::Run, this, most) {}

PageDropper::~PageDropper() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
  DropAll();
}

void PageDropper::Run(std::chrono::milliseconds most) {
  const auto end = std::chrono::steady_clock::now() + most;
  std::unique_lock<std::mutex> lock(mutex_);
  while (!stop_ && std::chrono::steady_clock::now() < end) {
    lock.unlock();
    DropAll();
    lock.lock();
    wake_.wait_for(lock, kPeriod, [this] { return stop_; });
  }
}

void PageDropper::DropAll() const {
  for (const std::span<std::byte> span : spans_) DropPages(span);
}

}  // namespace tare
