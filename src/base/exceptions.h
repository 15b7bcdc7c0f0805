#ifndef TARE_BASE_EXCEPTIONS_H_
#define TARE_BASE_EXCEPTIONS_H_

#include <string_view>

#include "base/error.h"

namespace tare {

// The exception that is being handled, as an error: OutOfMemory if memory ran out, else Internal.
// Call only inside a catch block.
//   what   what was being done: "loading model.gguf".
Error ErrorOfException(std::string_view what);

// Calls body, which returns a Result or a Status. Turns an exception from it into an error.
template <typename Body>
auto CatchExceptions(std::string_view what, Body&& body) -> decltype(body()) {
  try {
    return body();
  } catch (...) {
    return ErrorOfException(what);
  }
}

}  // namespace tare

#endif  // TARE_BASE_EXCEPTIONS_H_
