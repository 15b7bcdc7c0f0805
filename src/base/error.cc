#include "base/error.h"

#include <cerrno>
#include <system_error>

namespace tare {

std::string_view ErrorCodeName(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidInput:
      return "invalid input";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kCorruptFile:
      return "corrupt file";
    case ErrorCode::kIo:
      return "i/o error";
    case ErrorCode::kInterrupted:
      return "interrupted";
    case ErrorCode::kOutOfMemory:
      return "out of memory";
    case ErrorCode::kInternal:
      return "internal error";
  }
  return "unknown error";
}

Error Error::In(std::string_view where) const {
  return Error(code_, fmt::format("{}: {}", where, message_));
}

Error ErrnoError(int errno_value, std::string_view what) {
  const ErrorCode code = errno_value == ENOMEM ? ErrorCode::kOutOfMemory : ErrorCode::kIo;
  return Error(code, fmt::format("{}: {} (errno {})", what,
                                 std::generic_category().message(errno_value), errno_value));
}

}  // namespace tare
