#include "base/find_program.h"

#include <fmt/format.h>
#include <unistd.h>

#include "base/environment.h"

namespace tare {

std::string FindProgram(std::string_view name) {
  const std::string path = EnvironmentVariable("PATH");
  std::string_view rest = path;
  while (!rest.empty()) {
    const size_t colon = rest.find(':');
    std::string candidate = fmt::format("{}/{}", rest.substr(0, colon), name);
    if (access(candidate.c_str(), X_OK) == 0) return candidate;
    rest.remove_prefix(colon == std::string_view::npos ? rest.size() : colon + 1);
  }
  return {};
}

}  // namespace tare
