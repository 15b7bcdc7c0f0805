#ifndef TARE_OS_SMALL_FILE_H_
#define TARE_OS_SMALL_FILE_H_

#include <string>

#include "base/error.h"

namespace tare {

// Reads a small file of /proc or /sys. Errors: Io.
Result<std::string> ReadSmallFile(const std::string& path);

}  // namespace tare

#endif  // TARE_OS_SMALL_FILE_H_
