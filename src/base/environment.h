#ifndef TARE_BASE_ENVIRONMENT_H_
#define TARE_BASE_ENVIRONMENT_H_

#include <cstdlib>
#include <string>

namespace tare {

// The value of an environment variable. Empty if it is not set: an empty value counts as not set.
inline std::string EnvironmentVariable(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? "" : value;
}

}  // namespace tare

#endif  // TARE_BASE_ENVIRONMENT_H_
