#ifndef TARE_OS_UTC_TIME_H_
#define TARE_OS_UTC_TIME_H_

#include <string>

namespace tare {

// The current time as "2025-08-14T12:00:00Z".
std::string UtcNow();

}  // namespace tare

#endif  // TARE_OS_UTC_TIME_H_
