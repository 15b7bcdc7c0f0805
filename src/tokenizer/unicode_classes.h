#ifndef TARE_TOKENIZER_UNICODE_CLASSES_H_
#define TARE_TOKENIZER_UNICODE_CLASSES_H_

#include <array>
#include <cstdint>
#include <span>

namespace tare {

// The character classes that the pre-tokenizers' patterns distinguish.
enum class CharClass : uint8_t {
  kOther = 0,    // [^\s\p{L}\p{N}]
  kLetter = 1,   // \p{L}
  kNumber = 2,   // \p{N}
  kSpace = 3,    // \s: White_Space
  kNumeric = 4,  // kOther to the pattern, but numeric to the splitter of digits, whose Unicode is
                 // newer in the reference library
};

// Ranges of code points of one class, in order, without gaps: `first << 3 | class`. Generated from
// the reference library by tests/oracle/make_unicode_classes.py, so that ids do not depend on the
// Unicode version of a library on the user's machine.
extern const std::span<const uint32_t> kClassRanges;

// The same for ASCII only; most text never needs the ranges.
inline constexpr std::array<CharClass, 128> kAsciiClasses = [] {
  std::array<CharClass, 128> classes{};
  for (int c = 0; c < 128; ++c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) classes[c] = CharClass::kLetter;
    if (c >= '0' && c <= '9') classes[c] = CharClass::kNumber;
    if (c == ' ' || (c >= '\t' && c <= '\r')) classes[c] = CharClass::kSpace;
  }
  return classes;
}();

// Looks up classes. Remembers the last range, because text tends to stay within a script.
class CharClassifier {
 public:
  CharClass operator()(char32_t code_point) {
    if (code_point < 0x80) return kAsciiClasses[code_point];
    if (code_point < first_ || code_point > last_) FindRange(code_point);
    return class_;
  }

 private:
  void FindRange(char32_t code_point);

  char32_t first_ = 1;
  char32_t last_ = 0;
  CharClass class_ = CharClass::kOther;
};

}  // namespace tare

#endif  // TARE_TOKENIZER_UNICODE_CLASSES_H_
