#include "base/check.h"

#include <cstdlib>

#include "base/say.h"

namespace tare::internal {

void CheckFailed(const char* file, int line, std::string_view what) {
  Say("{}:{}: CHECK failed: {}\n", file, line, what);
  std::abort();
}

}  // namespace tare::internal
