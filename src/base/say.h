#ifndef TARE_BASE_SAY_H_
#define TARE_BASE_SAY_H_

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace tare {

void SayText(std::string_view text);

// Writes to standard error. Failures are ignored, because the parent process may have closed it;
// fmt::print would throw.
template <typename... Args>
void Say(fmt::format_string<Args...> format, Args&&... args) {
  SayText(fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace tare

#endif  // TARE_BASE_SAY_H_
