#ifndef TARE_BASE_UTF8_H_
#define TARE_BASE_UTF8_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tare {

enum class Utf8Status {
  kValid,       // a scalar value
  kInvalid,     // no continuation makes these bytes valid
  kIncomplete,  // the text ends inside a possible character
};

struct Utf8Char {
  char32_t code_point = 0;  // if valid
  size_t size = 0;          // bytes; for an ill-formed one, of its maximal subpart (at least 1)
  Utf8Status status = Utf8Status::kValid;
};

// The character at the front of `text`, which must not be empty. Surrogates, overlong forms and
// values above U+10FFFF are invalid (The Unicode Standard, table 3-7).
Utf8Char DecodeUtf8(std::string_view text);

// Appends the bytes of a code point up to U+10FFFF.
void AppendUtf8(char32_t code_point, std::string& out);

}  // namespace tare

#endif  // TARE_BASE_UTF8_H_
