#ifndef TARE_CLI_OUTPUT_H_
#define TARE_CLI_OUTPUT_H_

#include <string_view>

#include "tare/error.h"

namespace tare {

// Writes data to standard output, at once. Errors: Io, a full disk among them.
Status WriteStdout(std::string_view text);

}  // namespace tare

#endif  // TARE_CLI_OUTPUT_H_
