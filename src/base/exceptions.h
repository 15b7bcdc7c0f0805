#ifndef TARE_BASE_EXCEPTIONS_H_
#define TARE_BASE_EXCEPTIONS_H_

#include <string_view>

#include "base/error.h"

namespace tare {

// The exception that is being handled, as an error: OutOfMemory for what containers throw where
// memory runs out, else Internal. Only inside a catch block.
//   what   what was being done: "loading model.gguf".
Error ErrorOfException(std::string_view what);

// Calls body, which returns a Result or a Status. What the standard library throws in it comes back
// as an error.
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
