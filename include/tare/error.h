#ifndef TARE_ERROR_H_
#define TARE_ERROR_H_

#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace tare {

// Every failure that a caller may see. Bugs in Tare are not errors: they end in TARE_CHECK.
enum class ErrorCode {
  kInvalidInput,  // the caller passed invalid flags, lengths or values
  kUnsupported,   // valid, but this build cannot do it
  kCorruptFile,   // a file contradicts itself or its format
  kIo,            // the operating system refused: open, read, write, map, spawn
  kInterrupted,   // a signal asked the process to end: SIGINT, SIGTERM, SIGHUP
  kOutOfMemory,   // not enough memory or address space
  kInternal,      // a lower part broke its contract, but the process can go on
};

// "invalid input", "corrupt file", …
std::string_view ErrorCodeName(ErrorCode code);

// What went wrong, for a person to read: *what, where, got, expected, try*.
// Example: `vocab.json: id 50257 for "<pad>" is outside [0, 50257); was the preset edited?`
class [[nodiscard]] Error {
 public:
  Error(ErrorCode code, std::string message) : code_(code), message_(std::move(message)) {}

  ErrorCode code() const { return code_; }
  const std::string& message() const { return message_; }

  // The same error with `where` and ": " in front, for a caller that knows more about the place.
  Error In(std::string_view where) const;

 private:
  ErrorCode code_;
  std::string message_;
};

// A value, or the error that prevented it. Read the value only if ok().
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}      // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  // Precondition: ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  // Precondition: !ok().
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

// Success, or the error.
template <>
class [[nodiscard]] Result<void> {
 public:
  Result() = default;
  Result(Error error) : state_(std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }
  const Error& error() const { return std::get<1>(state_); }

 private:
  std::variant<std::monostate, Error> state_;
};

using Status = Result<void>;

}  // namespace tare

#endif  // TARE_ERROR_H_
