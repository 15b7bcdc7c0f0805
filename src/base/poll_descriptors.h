#ifndef TARE_BASE_POLL_DESCRIPTORS_H_
#define TARE_BASE_POLL_DESCRIPTORS_H_

#include <poll.h>
#include <time.h>

#include <cstdint>
#include <optional>
#include <span>

namespace tare {

// Descriptors to wait for; -1 is ignored.
inline pollfd Readable(int fd) { return {fd, POLLIN, 0}; }
inline pollfd Writable(int fd) { return {fd, POLLOUT, 0}; }

// Waits until a descriptor is ready (see its `revents`) or `timeout_ns` has passed; nullopt waits
// forever. Returns how many are ready, or -1 with errno set; EINTR after a signal.
// Async-signal-safe.
inline int PollDescriptors(std::span<pollfd> descriptors, std::optional<uint64_t> timeout_ns) {
  constexpr uint64_t kSecondNs = 1'000'000'000;
  timespec timeout = {};
  if (timeout_ns) {
    timeout = {static_cast<time_t>(*timeout_ns / kSecondNs),
               static_cast<long>(*timeout_ns % kSecondNs)};
  }
  return ::ppoll(descriptors.data(), descriptors.size(), timeout_ns ? &timeout : nullptr, nullptr);
}

}  // namespace tare

#endif  // TARE_BASE_POLL_DESCRIPTORS_H_
