#ifndef TARE_OPENVINO_ENGINE_SOURCE_DROPPER_H_
#define TARE_OPENVINO_ENGINE_SOURCE_DROPPER_H_

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

namespace tare {

// While it lives, a thread calls `drop` every few milliseconds, as somebody reads once through what
// it drops; at its end it is called a last time.
class SourceDropper {
 public:
  // drop is called by one thread at a time.
  explicit SourceDropper(std::function<void()> drop);
  SourceDropper(const SourceDropper&) = delete;
  SourceDropper& operator=(const SourceDropper&) = delete;
  ~SourceDropper();

 private:
  void Run();

  const std::function<void()> drop_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace tare

#endif  // TARE_OPENVINO_ENGINE_SOURCE_DROPPER_H_
