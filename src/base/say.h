#ifndef TARE_BASE_SAY_H_
#define TARE_BASE_SAY_H_

#include <fmt/core.h>

#include <cstdio>
#include <string>
#include <utility>

namespace tare {

// Writes on standard error. What cannot be written there is lost and ends nothing: fmt::print would
// throw, and who started us may have closed it.
template <typename... Args>
void Say(fmt::format_string<Args...> format, Args&&... args) {
  const std::string text = fmt::format(format, std::forward<Args>(args)...);
  [[maybe_unused]] const size_t written = std::fwrite(text.data(), 1, text.size(), stderr);
}

}  // namespace tare

#endif  // TARE_BASE_SAY_H_
