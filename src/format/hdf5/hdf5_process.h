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

// Where the program tare-hdf5 is: the file that the environment's TARE_HDF5_HELPER names; else
// in libexec/tare of the running program's prefix; else in that of the `tare` in PATH.
//   Errors  Io, naming the places that were tried.
Result<std::string> FindHdf5Helper();

// A running tare-hdf5 and the socket to it. It is killed, if it still runs, and waited for by the
// destructor. Neither SIGPIPE nor anything the helper does reaches the caller. Move-only.
class Hdf5Process {
 public:
  //   mode     "list" or "read"
  //   patience longest time without a byte from the helper, or with none taken by it
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
  // Bytes received, 0 at the end.
  Result<size_t> Receive(std::span<std::byte> bytes);

  // Why the helper says no more; waits for it, and kills it first where it still runs.
  Error Ended(std::string_view doing);

 private:
  Hdf5Process(pid_t pid, int socket) : pid_(pid), socket_(socket) {}
  std::optional<int> Reap();

  pid_t pid_ = -1;
  int socket_ = -1;
};

}  // namespace tare

#endif  // TARE_FORMAT_HDF5_HDF5_PROCESS_H_
