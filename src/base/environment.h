#ifndef TARE_BASE_ENVIRONMENT_H_
#define TARE_BASE_ENVIRONMENT_H_

#include <cstdlib>
#include <string>

namespace tare {

// The value of a variable of the environment; empty where it is not there: one that is set to
// nothing says as much as one that is not set.
inline std::string EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

}  // namespace tare

#endif  // TARE_BASE_ENVIRONMENT_H_
