#ifndef TARE_BASE_DESCRIPTOR_IO_H_
#define TARE_BASE_DESCRIPTOR_IO_H_

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>

#include "base/error.h"

namespace tare {

// Reading and writing that survive whatever a descriptor may do: take or give less than was asked,
// be interrupted by a signal, or be non-blocking, which whoever started us may have made it: then
// they wait until it is ready.

// Writes all of `bytes`. Returns 0, or the errno of what failed. Async-signal-safe.
int WriteFully(int fd, std::span<const std::byte> bytes);

// As WriteFully; `name` says in errors what the descriptor is.
//   Errors  Io, with advice where the disk, a quota or a limit on the file's size is reached.
Status WriteAll(int fd, std::span<const std::byte> bytes, const std::string& name);

// What is said of a file that could not be written.
Error WriteError(int errno_value, const std::string& name);

// One read of up to bytes.size() bytes: how many came, 0 at the end, -1 with errno set.
ssize_t ReadSome(int fd, std::span<std::byte> bytes);

}  // namespace tare

#endif  // TARE_BASE_DESCRIPTOR_IO_H_
