#ifndef TARE_FORMAT_QUOTE_H_
#define TARE_FORMAT_QUOTE_H_

#include <string>
#include <string_view>

namespace tare {

// Makes a file's text safe to show: writes a byte that is not printable ASCII as \xNN, escapes
// backslashes and double quotes, and cuts after 80 bytes with "…".
std::string Printable(std::string_view text);

// The same in double quotes, for messages.
std::string Quote(std::string_view text);

}  // namespace tare

#endif  // TARE_FORMAT_QUOTE_H_
