#ifndef TARE_FORMAT_QUOTE_H_
#define TARE_FORMAT_QUOTE_H_

#include <string>
#include <string_view>

namespace tare {

// Text of a file, made safe to show in a message: in double quotes, every byte that is not
// printable ASCII as \xNN, cut after 80 bytes with "…" behind.
std::string Quote(std::string_view text);

}  // namespace tare

#endif  // TARE_FORMAT_QUOTE_H_
