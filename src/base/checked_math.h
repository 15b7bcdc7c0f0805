#ifndef TARE_BASE_CHECKED_MATH_H_
#define TARE_BASE_CHECKED_MATH_H_

#include <concepts>
#include <optional>

namespace tare {

// Arithmetic on sizes from outside: nullopt if the true result does not fit T.
template <std::integral T>
constexpr std::optional<T> CheckedAdd(T a, T b) {
  T out;
  if (__builtin_add_overflow(a, b, &out)) return std::nullopt;
  return out;
}
template <std::integral T>
constexpr std::optional<T> CheckedMul(T a, T b) {
  T out;
  if (__builtin_mul_overflow(a, b, &out)) return std::nullopt;
  return out;
}

// Precondition: alignment > 0. The smallest multiple of alignment that is >= value.
template <std::integral T>
constexpr std::optional<T> CheckedRoundUp(T value, T alignment) {
  const T remainder = value % alignment;
  if (remainder == 0) return value;
  return CheckedAdd<T>(value, alignment - remainder);
}

}  // namespace tare

#endif  // TARE_BASE_CHECKED_MATH_H_
