#ifndef TARE_BASE_CHECK_H_
#define TARE_BASE_CHECK_H_

#include <fmt/core.h>

#include <string_view>

namespace tare::internal {

// Prints `file:line: CHECK failed: what` and aborts. For bugs in Tare only, never for bad input.
[[noreturn]] void CheckFailed(const char* file, int line, std::string_view what);

}  // namespace tare::internal

#define TARE_CHECK(condition)                                        \
  do {                                                               \
    if (!(condition)) [[unlikely]]                                   \
      ::tare::internal::CheckFailed(__FILE__, __LINE__, #condition); \
  } while (false)

#define TARE_CHECK_OP(a, op, b)                                                                 \
  do {                                                                                          \
    const auto& tare_a = (a);                                                                   \
    const auto& tare_b = (b);                                                                   \
    if (!(tare_a op tare_b)) [[unlikely]]                                                       \
      ::tare::internal::CheckFailed(                                                            \
          __FILE__, __LINE__, fmt::format("{} ({} vs {})", #a " " #op " " #b, tare_a, tare_b)); \
  } while (false)

#define TARE_CHECK_EQ(a, b) TARE_CHECK_OP(a, ==, b)
#define TARE_CHECK_NE(a, b) TARE_CHECK_OP(a, !=, b)
#define TARE_CHECK_LT(a, b) TARE_CHECK_OP(a, <, b)
#define TARE_CHECK_LE(a, b) TARE_CHECK_OP(a, <=, b)

#endif  // TARE_BASE_CHECK_H_
