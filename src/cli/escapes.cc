#include "cli/escapes.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "base/utf8.h"

namespace tare {
namespace {

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xD800 && unit < 0xDC00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xDC00 && unit < 0xE000; }

class EscapeReader {
 public:
  explicit EscapeReader(std::string_view text) : text_(text) {}

  Result<std::string> Read() {
    std::string out;
    while (at_ < text_.size()) {
      const size_t backslash = std::min(text_.find('\\', at_), text_.size());
      out += text_.substr(at_, backslash - at_);
      at_ = backslash;
      if (at_ < text_.size()) TARE_RETURN_IF_ERROR(ReadEscape(out));
    }
    return out;
  }

 private:
  // Reads the escape that begins at at_.
  Status ReadEscape(std::string& out) {
    const char kind = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
    constexpr std::string_view kLetters = "ntr\\\"";
    constexpr std::string_view kMeanings = "\n\t\r\\\"";
    if (const size_t letter = kLetters.find(kind); letter != kLetters.npos) {
      out.push_back(kMeanings[letter]);
      at_ += 2;
      return {};
    }
    if (kind == 'x') return ReadByte(out);
    if (kind == 'u') return ReadCharacter(out);
    return Bad(at_ + 1 < text_.size() ? "" : " at the end");
  }

  Status ReadByte(std::string& out) {
    const std::optional<uint32_t> byte = Hex(at_ + 2, 2);
    if (!byte) return Bad(" without two hexadecimal digits");
    out.push_back(static_cast<char>(*byte));
    at_ += 4;
    return {};
  }

  Status ReadCharacter(std::string& out) {
    const std::optional<uint32_t> unit = Hex(at_ + 2, 4);
    if (!unit) return Bad(" without four hexadecimal digits");
    if (IsLowSurrogate(*unit)) return Bad(", the second half of a surrogate pair without a first,");
    if (!IsHighSurrogate(*unit)) {
      AppendUtf8(*unit, out);
      at_ += 6;
      return {};
    }
    const bool follows = text_.substr(at_ + 6, 2) == "\\u";
    const std::optional<uint32_t> low = follows ? Hex(at_ + 8, 4) : std::nullopt;
    if (!low || !IsLowSurrogate(*low)) {
      return Bad(", the first half of a surrogate pair without a second,");
    }
    AppendUtf8(0x10000 + ((*unit - 0xD800) << 10) + (*low - 0xDC00), out);
    at_ += 12;
    return {};
  }

  std::optional<uint32_t> Hex(size_t begin, size_t digits) const {
    if (begin + digits > text_.size()) return std::nullopt;
    uint32_t value = 0;
    const char* const end = text_.data() + begin + digits;
    const auto [stop, error] = std::from_chars(text_.data() + begin, end, value, 16);
    if (error != std::errc() || stop != end) return std::nullopt;
    return value;
  }

  Error Bad(std::string_view why) const {
    const auto is_first_byte = [](char c) { return (static_cast<unsigned char>(c) >> 6) != 2; };
    const auto position = std::ranges::count_if(text_.substr(0, at_), is_first_byte) + 1;
    // Quotes the whole character after the backslash, so that the message stays UTF-8.
    size_t end = std::min(at_ + 2, text_.size());
    while (end < text_.size() && !is_first_byte(text_[end])) ++end;
    return InvalidInput(
        "\"{}\": character {}: \"{}\"{} is not an escape; expected \\n \\t \\r \\\\ \\\" \\xHH or "
        "\\uHHHH",
        text_, position, text_.substr(at_, end - at_), why);
  }

  const std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<std::string> ReadEscapes(std::string_view text) { return EscapeReader(text).Read(); }

}  // namespace tare
