#ifndef TARE_CLI_ESCAPES_H_
#define TARE_CLI_ESCAPES_H_

#include <string>
#include <string_view>

#include "base/error.h"

namespace tare {

// Text as a flag gives it, with its escapes read: \n \t \r \\ \" , \xHH for a byte and \uHHHH for a
// character of the basic plane, two of them (a surrogate pair) for any other.
//   Errors  InvalidInput with the position, in characters from 1, of what is no escape.
Result<std::string> ReadEscapes(std::string_view text);

}  // namespace tare

#endif  // TARE_CLI_ESCAPES_H_
