#ifndef TARE_FORMAT_HDF5_HELPER_CHANNEL_H_
#define TARE_FORMAT_HDF5_HELPER_CHANNEL_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "format/hdf5/hdf5_wire.h"

namespace tare {

// The helper's side of the socket, on descriptor 0. The helper is a separate process: if it cannot
// go on, it reports the reason and exits.
class Hdf5Channel {
 public:
  static constexpr int kExitProblem = 1;  // a kProblem record was sent
  static constexpr int kExitBroken = 2;   // the reader is gone, or nothing can be sent

  void Send(std::span<const std::byte> bytes);  // buffered until Flush or a full buffer
  void Flush();
  void SendData(std::span<const std::byte> elements);  // as kData records
  void SendEnd(uint32_t count);                        // and Flush

  template <typename T>
  T Receive() {
    T value;
    ReceiveExactly(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
  std::string ReceiveText();

  // If `detail` is empty, adds HDF5's own message.
  [[noreturn]] void Fail(Hdf5Problem problem, std::string_view name, std::string detail = {});

 private:
  void ReceiveExactly(std::span<std::byte> bytes);

  std::string pending_;
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HELPER_CHANNEL_H_
