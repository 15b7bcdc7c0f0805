#ifndef TARE_BASE_ENVIRONMENT_H_
#define TARE_BASE_ENVIRONMENT_H_

#include <cstdlib>
#include <string>

namespace tare {

// A variable of this process's environment; empty where it is not set.
inline std::string EnvironmentValue(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace tare

#endif  // TARE_BASE_ENVIRONMENT_H_
