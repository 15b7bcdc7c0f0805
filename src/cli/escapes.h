#ifndef TARE_CLI_ESCAPES_H_
#define TARE_CLI_ESCAPES_H_

#include <string>
#include <string_view>

#include "base/error.h"

namespace tare {

// Replaces the escapes in a flag's text: \n \t \r \\ \" , \xHH for a byte, and \uHHHH for a
// character of the basic plane, or two of them (a surrogate pair) for any other character.
//   Errors  InvalidInput with the position of a wrong escape, in characters from 1.
Result<std::string> ReadEscapes(std::string_view text);

}  // namespace tare

#endif  // TARE_CLI_ESCAPES_H_
