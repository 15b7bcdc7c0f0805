#ifndef TARE_BASE_ERROR_H_
#define TARE_BASE_ERROR_H_

#include <fmt/core.h>

#include <utility>

#include "tare/error.h"

namespace tare {

template <typename... Args>
Error InvalidInput(fmt::format_string<Args...> format, Args&&... args) {
  return Error(ErrorCode::kInvalidInput, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
Error Unsupported(fmt::format_string<Args...> format, Args&&... args) {
  return Error(ErrorCode::kUnsupported, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
Error CorruptFile(fmt::format_string<Args...> format, Args&&... args) {
  return Error(ErrorCode::kCorruptFile, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
Error OutOfMemory(fmt::format_string<Args...> format, Args&&... args) {
  return Error(ErrorCode::kOutOfMemory, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
Error InternalError(fmt::format_string<Args...> format, Args&&... args) {
  return Error(ErrorCode::kInternal, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
Error IoError(fmt::format_string<Args...> format, Args&&... args) {
  return Error(ErrorCode::kIo, fmt::format(format, std::forward<Args>(args)...));
}

template <typename... Args>
Error Interrupted(fmt::format_string<Args...> format, Args&&... args) {
  return Error(ErrorCode::kInterrupted, fmt::format(format, std::forward<Args>(args)...));
}

// `what: No such file or directory (errno 2)`, code kIo (kOutOfMemory for ENOMEM).
Error ErrnoError(int errno_value, std::string_view what);

}  // namespace tare

#define TARE_CONCAT_INNER(a, b) a##b
#define TARE_CONCAT(a, b) TARE_CONCAT_INNER(a, b)

// Returns the error of a Result or Status from the enclosing function.
#define TARE_RETURN_IF_ERROR(expr)                      \
  do {                                                  \
    if (auto tare_status = (expr); !tare_status.ok()) { \
      return tare_status.error();                       \
    }                                                   \
  } while (false)

// `TARE_ASSIGN_OR_RETURN(auto file, MappedFile::Open(path));`
#define TARE_ASSIGN_OR_RETURN(lhs, expr) \
  TARE_ASSIGN_OR_RETURN_IMPL(TARE_CONCAT(tare_result_, __LINE__), lhs, expr)
#define TARE_ASSIGN_OR_RETURN_IMPL(result, lhs, expr) \
  auto result = (expr);                               \
  if (!result.ok()) return result.error();            \
  lhs = std::move(result).value()

#endif  // TARE_BASE_ERROR_H_
