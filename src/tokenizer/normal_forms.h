#ifndef TARE_TOKENIZER_NORMAL_FORMS_H_
#define TARE_TOKENIZER_NORMAL_FORMS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace tare {

// Whether `text` is in Unicode's form NFC for certain: it has no character from U+0300 on.
bool IsPlainNfc(std::string_view text);

// `text` in form NFC. Bytes that are not valid UTF-8 stay, and the text around them is normalised
// as if it ended and began there.
//   Source  Unicode Standard Annex 15.
std::string ToNfc(std::string_view text);

// The tables behind it, made by tests/oracle/make_normal_forms.py; Hangul is done by arithmetic.
struct Decomposition {  // by `composed`
  uint32_t composed;
  uint32_t first;
  uint32_t second;  // 0: `first` alone
};
struct Composition {  // by `first` and `second`
  uint32_t first;
  uint32_t second;
  uint32_t composed;
};
extern const std::span<const Decomposition> kDecompositions;
extern const std::span<const Composition> kCompositions;
// Where a combining class begins: code point << 8 | class. Before the first it is 0.
extern const std::span<const uint32_t> kCombiningClasses;

}  // namespace tare

#endif  // TARE_TOKENIZER_NORMAL_FORMS_H_
