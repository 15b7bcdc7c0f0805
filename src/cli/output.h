#ifndef TARE_CLI_OUTPUT_H_
#define TARE_CLI_OUTPUT_H_

#include <string_view>

#include "tare/error.h"

namespace tare {

// Writes data to standard output, unbuffered. If the reader has gone, as in `tare … | head -1`, the
// process ends quietly by SIGPIPE. Errors: Io, for example a full disk.
Status WriteStdout(std::string_view text);

}  // namespace tare

#endif  // TARE_CLI_OUTPUT_H_
