#ifndef TARE_FORMAT_HDF5_HDF5_PROCESS_H_
#define TARE_FORMAT_HDF5_HDF5_PROCESS_H_

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"

namespace tare {

// The path of tare-hdf5: the file that the environment variable TARE_HDF5_HELPER names; else in
// libexec/tare of the running program's prefix; else in that of the `tare` in PATH.
//   Errors  Io, naming the places that were tried.
Result<std::string> FindHdf5Helper();

// A running tare-hdf5 and the socket to it. The destructor kills the helper if it still runs, and
// waits for it. Neither SIGPIPE nor a crash of the helper affects the caller. Move-only.
class Hdf5Process {
 public:
  //   mode     "list" or "read"
  //   patience longest time in which the helper may send and take no byte
  //   Errors   Io: no helper, or it cannot be started.
  static Result<Hdf5Process> Start(const std::string& mode, const std::string& file,
                                   std::chrono::seconds patience);

  Hdf5Process(Hdf5Process&& other) noexcept;
  Hdf5Process& operator=(Hdf5Process&&) = delete;
  ~Hdf5Process();

  //   Errors  CorruptFile if the helper ended, crashed or hangs: a sound file lets it do
  //   neither.
  Status Send(std::span<const std::byte> bytes);
  Status ReceiveExactly(std::span<std::byte> bytes);
  // Returns the number of received bytes, 0 at the end.
  Result<size_t> Receive(std::span<std::byte> bytes);

  // The reason why the helper stopped. Waits for it, and kills it first if it still runs.
  Error Ended(std::string_view doing);

 private:
  Hdf5Process(pid_t pid, int socket) : pid_(pid), socket_(socket) {}
  std::optional<int> Reap();

  pid_t pid_ = -1;
  int socket_ = -1;
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HDF5_PROCESS_H_
