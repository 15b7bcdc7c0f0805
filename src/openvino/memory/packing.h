#ifndef TARE_OPENVINO_MEMORY_PACKING_H_
#define TARE_OPENVINO_MEMORY_PACKING_H_

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <vector>

#include "heap/page_dropper.h"
#include "openvino/memory/constant_parking.h"

namespace tare {

// In this time a plugin packs about 10 MiB.
inline constexpr std::chrono::milliseconds kDropPeriod{10};

// Constants whose pages are dropped while a plugin packs them. The destructor drops their pages
// once more, then releases the references.
struct DroppingConstants {
  std::vector<std::unique_ptr<ConstantParking>> constants;
  std::unique_ptr<PageDropper> dropper;  // destroyed first: declared last
};

// Compiled constants that wait for the first inference, which packs the rest. Thread-safe.
class PackingQueue {
 public:
  // Call when compile_model has returned.
  void Add(std::unique_ptr<ConstantParking> constants);

  // Whether an inference has anything to do. All that later inferences cost.
  bool waiting() const { return waiting_.load(std::memory_order_acquire); }

  // Takes all waiting constants and drops their pages until the result is destroyed.
  std::unique_ptr<DroppingConstants> Begin();

  // The same for an asynchronous inference: until End, or for at most a minute.
  void BeginAsync();
  void End();

 private:
  std::mutex mutex_;
  std::atomic<bool> waiting_{false};  // queue_ or async_ is there
  std::vector<std::unique_ptr<ConstantParking>> queue_;
  std::unique_ptr<DroppingConstants> async_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_MEMORY_PACKING_H_
