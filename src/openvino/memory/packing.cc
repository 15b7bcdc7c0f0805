#include "openvino/memory/packing.h"

#include <utility>

namespace tare {
namespace {

constexpr std::chrono::milliseconds kLongestPacking{60'000};

std::unique_ptr<DroppingConstants> Dropping(std::vector<std::unique_ptr<ConstantParking>> queue) {
  auto dropping = std::make_unique<DroppingConstants>();
  dropping->constants = std::move(queue);
  dropping->dropper = std::make_unique<PageDropper>(
      [&all = dropping->constants] {
        for (const auto& constants : all) constants->DropPages();
      },
      kDropPeriod, kLongestPacking);
  return dropping;
}

}  // namespace

void PackingQueue::Add(std::unique_ptr<ConstantParking> constants) {
  const std::lock_guard<std::mutex> lock(mutex_);
  queue_.push_back(std::move(constants));
  waiting_.store(true, std::memory_order_release);
}

std::unique_ptr<DroppingConstants> PackingQueue::Begin() {
  std::vector<std::unique_ptr<ConstantParking>> queue;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    queue.swap(queue_);
    waiting_.store(async_ != nullptr, std::memory_order_release);
  }
  return queue.empty() ? nullptr : Dropping(std::move(queue));
}

void PackingQueue::BeginAsync() {
  std::unique_ptr<DroppingConstants> begun = Begin();
  if (begun == nullptr) return;
  // The old value is destroyed outside this lock, here and below: its destructor takes Python's
  // lock, whose holder may wait for this one.
  const std::lock_guard<std::mutex> lock(mutex_);
  async_.swap(begun);
  waiting_.store(true, std::memory_order_release);
}

void PackingQueue::End() {
  std::unique_ptr<DroppingConstants> ended;
  const std::lock_guard<std::mutex> lock(mutex_);
  ended.swap(async_);
  waiting_.store(!queue_.empty(), std::memory_order_release);
}

}  // namespace tare
