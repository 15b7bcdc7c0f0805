#ifndef TARE_TOKENIZER_UNICODE_CLASSES_H_
#define TARE_TOKENIZER_UNICODE_CLASSES_H_

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace tare {

// A partition of the code points. Every character class in a pre-tokenizer's pattern is a union of
// these, so that a test of one is a test of one bit.
enum class CharClass : uint8_t {
  kOther,             // control characters, unassigned, …
  kAsciiUpper,        // A-Z
  kAsciiLower,        // a-z
  kUpper,             // \p{Lu} outside ASCII; so are the next two
  kLower,             // \p{Ll}
  kTitle,             // \p{Lt}
  kModifierLetter,    // \p{Lm}
  kOtherLetter,       // \p{Lo}
  kMark,              // \p{M}
  kAsciiDigit,        // 0-9
  kNumber,            // \p{N} outside ASCII
  kNumeric,           // kOther to patterns, but numeric to the splitter of digits, whose Unicode
                      // version is newer in the reference library
  kAsciiPunctuation,  // \p{P} in ASCII but for ' and /
  kApostrophe,        // '
  kSlash,             // /
  kPunctuation,       // \p{P} outside ASCII
  kAsciiSymbol,       // $+<=>^~|
  kBacktick,          // `
  kSymbol,            // \p{S} outside ASCII
  kBlank,             // U+0020
  kLineEnd,           // \r and \n
  kSpace,             // all other White_Space
};

// A set of classes, one bit each.
using CharSet = uint32_t;

template <typename... Class>
constexpr CharSet SetOf(Class... classes) {
  return ((CharSet{1} << static_cast<int>(classes)) | ...);
}

// Whether a set has a class.
constexpr bool Has(CharSet set, CharClass c) { return set >> static_cast<int>(c) & 1; }

constexpr bool IsSpace(CharClass c) {
  return Has(SetOf(CharClass::kBlank, CharClass::kLineEnd, CharClass::kSpace), c);
}
// \w, but for the underscore.
constexpr bool IsWord(CharClass c) {
  return Has(
      SetOf(CharClass::kAsciiUpper, CharClass::kAsciiLower, CharClass::kUpper, CharClass::kLower,
            CharClass::kTitle, CharClass::kModifierLetter, CharClass::kOtherLetter,
            CharClass::kMark, CharClass::kAsciiDigit, CharClass::kNumber),
      c);
}

// Ranges of code points of one class, in order, without gaps: `first << 5 | class`. Generated from
// the reference library by tests/oracle/make_unicode_classes.py, so that ids do not depend on the
// Unicode version of a library on the user's machine.
extern const std::span<const uint32_t> kClassRanges;

// The same for ASCII only; most text never needs the ranges.
inline constexpr std::array<CharClass, 128> kAsciiClasses = [] {
  std::array<CharClass, 128> classes{};
  const auto set = [&](std::string_view chars, CharClass kind) {
    for (const char c : chars) classes[static_cast<unsigned char>(c)] = kind;
  };
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = CharClass::kAsciiLower;
  for (int c = 'A'; c <= 'Z'; ++c) classes[c] = CharClass::kAsciiUpper;
  for (int c = '0'; c <= '9'; ++c) classes[c] = CharClass::kAsciiDigit;
  set("!\"#%&()*,-.:;?@[\\]_{}", CharClass::kAsciiPunctuation);
  set("$+<=>^~|", CharClass::kAsciiSymbol);
  set("`", CharClass::kBacktick);
  set("'", CharClass::kApostrophe);
  set("/", CharClass::kSlash);
  set(" ", CharClass::kBlank);
  set("\r\n", CharClass::kLineEnd);
  set("\t\v\f", CharClass::kSpace);
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
