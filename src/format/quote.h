#ifndef TARE_FORMAT_QUOTE_H_
#define TARE_FORMAT_QUOTE_H_

#include <string>
#include <string_view>

namespace tare {

// Text of a file, made safe to show: every byte that is not printable ASCII as \xNN, backslashes
// and double quotes with a backslash before them, cut after 80 bytes with "…" behind.
std::string Printable(std::string_view text);

// The same in double quotes, for messages.
std::string Quote(std::string_view text);

}  // namespace tare

#endif  // TARE_FORMAT_QUOTE_H_
