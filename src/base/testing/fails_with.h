#ifndef TARE_BASE_TESTING_FAILS_WITH_H_
#define TARE_BASE_TESTING_FAILS_WITH_H_

#include <gmock/gmock.h>

#include <string>

#include "base/error.h"

namespace tare {

// A Result or Status with an error of this code, whose message has this text in it. A test that
// accepts any error passes for the wrong reason: whatever fails first will do.
MATCHER_P2(FailsWith, code, text, "fails with \"" + std::string(text) + "\"") {
  if (arg.ok()) {
    *result_listener << "which succeeded";
    return false;
  }
  *result_listener << "whose error is: " << arg.error().message();
  return arg.error().code() == ErrorCode(code) &&
         arg.error().message().find(text) != std::string::npos;
}

}  // namespace tare

#endif  // TARE_BASE_TESTING_FAILS_WITH_H_
