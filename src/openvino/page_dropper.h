#ifndef TARE_OPENVINO_PAGE_DROPPER_H_
#define TARE_OPENVINO_PAGE_DROPPER_H_

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

namespace tare {

// While it lives, a thread drops the pages of some spans every few milliseconds, as somebody reads
// through them once; it drops them a last time at its end, and ends by itself after `most`.
// The spans must stay mapped as long as it lives.
class PageDropper {
 public:
  PageDropper(std::vector<std::span<std::byte>> spans, std::chrono::milliseconds most);
  PageDropper(const PageDropper&) = delete;
  PageDropper& operator=(const PageDropper&) = delete;
  ~PageDropper();

 private:
  void Run(std::chrono::milliseconds most);
  void DropAll() const;

  const std::vector<std::span<std::byte>> spans_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_PAGE_DROPPER_H_
