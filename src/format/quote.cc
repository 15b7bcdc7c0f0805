#include "format/quote.h"

#include <fmt/format.h>

#include <iterator>

namespace tare {

std::string Printable(std::string_view text) {
  constexpr size_t kLongest = 80;
  std::string out;
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    }
  }
  if (text.size() > kLongest) out += "…";
  return out;
}

std::string Quote(std::string_view text) { return fmt::format("\"{}\"", Printable(text)); }

}  // namespace tare
