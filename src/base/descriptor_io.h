#ifndef TARE_BASE_DESCRIPTOR_IO_H_
#define TARE_BASE_DESCRIPTOR_IO_H_

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string>

#include "base/error.h"

namespace tare {

// Reads and writes that cope with partial transfers, with interruptions by signals, and with
// non-blocking descriptors: they wait until the descriptor is ready. The parent process may have
// made a descriptor non-blocking.

// Writes all of `bytes`. Returns 0, or the errno of the failure. Async-signal-safe.
int WriteFully(int fd, std::span<const std::byte> bytes);

// As WriteFully; errors call the descriptor `name`.
//   Errors  Io, with advice if the disk, a quota or a limit on the file's size is full.
Status WriteAll(int fd, std::span<const std::byte> bytes, const std::string& name);

// The error for a file that could not be written.
Error WriteError(int errno_value, const std::string& name);

// Reads once, up to bytes.size() bytes. Returns the number read, 0 at the end, or -1 with errno
// set.
ssize_t ReadSome(int fd, std::span<std::byte> bytes);

}  // namespace tare

#endif  // TARE_BASE_DESCRIPTOR_IO_H_
