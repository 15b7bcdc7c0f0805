#ifndef TARE_JINJA_TEXT_H_
#define TARE_JINJA_TEXT_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tare::jinja {

// A string of a template: one element a character, as Python counts. Templates cut, join and search
// strings freely; the bit kInput goes along with each character and tells at the end which parts of
// the result the caller wrote and which the template did. A byte that is not UTF-8 is the surrogate
// U+DC80 to U+DCFF, as with Python's errors="surrogateescape".
using Text = std::u32string;
using TextView = std::u32string_view;

inline constexpr char32_t kInput = 0x80000000;
inline char32_t CodePoint(char32_t c) { return c & ~kInput; }

// Reads UTF-8. is_input: whether the caller wrote it.
Text FromUtf8(std::string_view bytes, bool is_input = false);
// Gives every byte back that FromUtf8 read.
std::string ToUtf8(TextView text);

// All comparisons are by code point; where a character came from does not count.
bool Equal(TextView a, TextView b);
bool Equal(TextView a, std::string_view ascii);
int Compare(TextView a, TextView b);  // negative, 0 or positive
// The first place of `part` at or after `begin`.
std::optional<size_t> Find(TextView text, TextView part, size_t begin = 0);
std::optional<size_t> FindLast(TextView text, TextView part);
bool StartsWith(TextView text, TextView part);
bool EndsWith(TextView text, TextView part);
bool ContainsCharacter(TextView set, char32_t c);

// Python's str.isspace() of one character.
bool IsSpace(char32_t c);
bool IsLineEnd(char32_t c);  // of str.splitlines()

// Without the characters of `set` (none: spaces) at the chosen ends.
enum class Ends { kLeft, kRight, kBoth };
TextView Strip(TextView text, Ends ends, std::optional<TextView> set = std::nullopt);

// With every `from` replaced, at most `limit` of them. An empty `from` is found before each
// character and at the end.
Text Replace(TextView text, TextView from, TextView to, size_t limit);

}  // namespace tare::jinja

#endif  // TARE_JINJA_TEXT_H_
