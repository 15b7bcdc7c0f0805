#include "jinja/string_literal.h"

namespace tare::jinja {
namespace {

int DigitOf(char32_t c) {
  if (c >= U'0' && c <= U'9') return static_cast<int>(c - U'0');
  const char32_t lower = c | 0x20;
  return lower >= U'a' && lower <= U'f' ? static_cast<int>(lower - U'a') + 10 : 99;
}

// A number of up to `most` digits at the front, which are taken away.
char32_t TakeNumber(TextView& code, size_t most, int base, size_t& taken) {
  char32_t number = 0;
  for (taken = 0; taken < most && !code.empty() && DigitOf(code.front()) < base; ++taken) {
    number = number * static_cast<char32_t>(base) + static_cast<char32_t>(DigitOf(code.front()));
    code.remove_prefix(1);
  }
  return number;
}

// The escape whose backslash has been read.
Status ReadEscape(TextView& code, Text& out) {
  constexpr std::u32string_view kLetters = U"\n\\'\"abfnrtv";
  constexpr std::u32string_view kMeanings = U"\0\\'\"\a\b\f\n\r\t\v";
  const char32_t kind = code.front();
  size_t taken = 0;
  if (const size_t letter = kLetters.find(kind); letter != kLetters.npos) {
    if (letter > 0) out.push_back(kMeanings[letter]);  // a line end after \ goes away
    code.remove_prefix(1);
    return {};
  }
  if (kind >= U'0' && kind <= U'7') {
    out.push_back(TakeNumber(code, 3, 8, taken));
    return {};
  }
  if (kind == U'N') return Unsupported("names of characters (\\N{{…}}) are not supported");
  const size_t digits = kind == U'x' ? 2 : kind == U'u' ? 4 : kind == U'U' ? 8 : 0;
  if (digits == 0) {
    out.push_back(U'\\');
    return {};
  }
  code.remove_prefix(1);
  const char32_t number = TakeNumber(code, digits, 16, taken);
  if (taken < digits || number > 0x10FFFF) {
    return InvalidInput("a string has \\{} without {} hexadecimal digits of a character",
                        static_cast<char>(kind), digits);
  }
  if (number >= 0xD800 && number < 0xE000) {
    return Unsupported("half a character (\\uD800 to \\uDFFF) is not supported");
  }
  out.push_back(number);
  return {};
}

}  // namespace

Result<Text> ReadStringLiteral(TextView code) {
  Text out;
  while (!code.empty()) {
    const char32_t c = code.front();
    code.remove_prefix(1);
    if (c == U'\\' && !code.empty()) {
      TARE_RETURN_IF_ERROR(ReadEscape(code, out));
    } else {
      out.push_back(c);
    }
  }
  return out;
}

}  // namespace tare::jinja
