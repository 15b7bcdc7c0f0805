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

// A plugin packs some 10 MiB in this time.
inline constexpr std::chrono::milliseconds kDropPeriod{10};

// Constants being dropped while somebody packs them. Their pages go once more, and then the
// references, when it ends.
struct DroppingConstants {
  std::vector<std::unique_ptr<ConstantParking>> constants;
  std::unique_ptr<PageDropper> dropper;  // destroyed first: declared last
};

// What was compiled and waits for the inference that packs the rest. Thread-safe.
class PackingQueue {
 public:
  // Called when compile_model has returned.
  void Add(std::unique_ptr<ConstantParking> constants);

  // Whether an inference has to do anything: all that the later ones cost.
  bool waiting() const { return waiting_.load(std::memory_order_acquire); }

  // Takes all that waits and drops it until the result is destroyed.
  std::unique_ptr<DroppingConstants> Begin();

  // The same for an inference that is waited for elsewhere: until End, or for a minute at most.
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
